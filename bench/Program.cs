using System.CommandLine;
using Logitscope.Bench;

var data = new Option<string>("--data") { DefaultValueFactory = _ => "data/prompts.jsonl" };
var limit = new Option<int>("--limit") { DefaultValueFactory = _ => 700 };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 64 };
var loop = new Option<int>("--loop-prompts") { DefaultValueFactory = _ => 700, Description = "Prompts that the reference loop is timed on." };
var sweep = new Command("sweep", "The engine against the reference loop and the simple peer.") { data, limit, rounds, batch, loop };
sweep.SetAction(parsed => SweepPairs.Run(
    parsed.GetValue(data)!, parsed.GetValue(limit), parsed.GetValue(rounds), parsed.GetValue(batch), parsed.GetValue(loop), new Report()));

var script = new Option<string>("--script") { DefaultValueFactory = _ => "bench/forward.py" };
var forward = new Command("forward", "A plain forward pass against python3-torch's.") { script, rounds };
forward.SetAction(parsed => ForwardPair.Run(parsed.GetValue(script)!, parsed.GetValue(rounds), new Report()));

var layers = new Option<int>("--layers") { DefaultValueFactory = _ => 3 };
var prompts = new Option<int>("--prompts") { DefaultValueFactory = _ => 8 };
var tokens = new Option<int>("--tokens") { DefaultValueFactory = _ => 100 };
var dtype = new Option<ScalarType>("--dtype") { DefaultValueFactory = _ => ScalarType.BFloat16 };
var device = new Option<string>("--device") { DefaultValueFactory = _ => "cpu" };
var rates = new Command("rates", "Source pass and wavefront against the bare matrix product, at GPT-J 6B's width.")
{
    layers, prompts, tokens, dtype, device, rounds,
};
rates.SetAction(parsed => Rates.Run(
    parsed.GetValue(layers), parsed.GetValue(prompts), parsed.GetValue(tokens), parsed.GetValue(dtype),
    torch.device(parsed.GetValue(device)!), parsed.GetValue(rounds), new Report()));

var pictures = new Option<string>("--out") { DefaultValueFactory = _ => "bench" };
var growth = new Command("growth", "Time by prompts and by tokens, memory by prompts; with pictures.") { pictures, rounds };
growth.SetAction(parsed => Growth.Run(parsed.GetValue(pictures)!, parsed.GetValue(rounds), new Report()));

return new RootCommand("Timings of Logitscope, in pairs.") { sweep, forward, rates, growth }.Parse(args).Invoke();
