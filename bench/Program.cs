using System.CommandLine;
using Logitscope;
using Logitscope.Bench;

TorchRuntime.Load();
var data = new Option<string>("--data") { DefaultValueFactory = _ => "data/prompts.jsonl" };
var limit = new Option<int>("--limit") { DefaultValueFactory = _ => 700 };
var rounds = new Option<int>("--rounds") { DefaultValueFactory = _ => 3 };
var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 64 };
var loop = new Option<int>("--loop-prompts") { DefaultValueFactory = _ => 700, Description = "Prompts that the reference loop is timed on." };
var sweep = new Command("sweep", "The engine against the reference loop and the simple peer.") { data, limit, rounds, batch, loop };
sweep.SetAction(parsed => SweepPairs.Run(
    parsed.GetValue(data)!, parsed.GetValue(limit), parsed.GetValue(rounds), parsed.GetValue(batch), parsed.GetValue(loop), new Report()));

var busy = new Command("busy", "The sweep on a quiet machine and beside a process that keeps one core busy.") { data, limit, rounds, batch };
busy.SetAction(parsed => BusyCore.Run(
    parsed.GetValue(data)!, parsed.GetValue(limit), parsed.GetValue(rounds), parsed.GetValue(batch), new Report()));

var widths = new Option<int[]>("--widths") { DefaultValueFactory = _ => [128, 256, 512, 1024], AllowMultipleArgumentsPerToken = true };
var workers = new Command("workers", "Cores over batches against cores over matrix products, by width.") { widths, rounds };
workers.SetAction(parsed => BatchesOrProducts.Run(parsed.GetValue(widths)!, parsed.GetValue(rounds), new Report()));

var lenses = new Command("lenses", "What a further lens costs a sweep, against a forward pass.") { widths, rounds };
lenses.SetAction(parsed => Lenses.Run(parsed.GetValue(widths)!, parsed.GetValue(rounds), new Report()));

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

var parity = new Command("parity", "A sweep's rows on a device against the CPU's.") { data, limit, device };
parity.SetAction(parsed => Verdict(DeviceParity.Run(
    parsed.GetValue(data)!, parsed.GetValue(limit), torch.device(parsed.GetValue(device)!), new Report())));

var left = new Option<int>("--left") { DefaultValueFactory = _ => 4, Description = "Memory left, in pieces of 32 MiB." };
var pressure = new Command("pressure", "A sweep on a GPU whose memory is taken.") { data, limit, device, left };
pressure.SetAction(parsed => Verdict(MemoryPressure.Run(
    parsed.GetValue(data)!, parsed.GetValue(limit), torch.device(parsed.GetValue(device)!), parsed.GetValue(left), new Report())));

var width = new Option<int>("--width") { DefaultValueFactory = _ => RandomGptJ.Width };
var tf32 = new Option<bool>("--tf32");
var oneIn = new Option<int>("--one-in") { DefaultValueFactory = _ => 1, Description = "Only one prompt in so many." };
var big = new Command("big", "Whole sweeps of a random GPT-J.") { layers, width, dtype, device, tf32, batch, oneIn };
big.SetAction(parsed =>
{
    torch.backends.cuda.matmul.allow_tf32 = parsed.GetValue(tf32);
    BigSweep.Run(
        RandomGptJ.Config(parsed.GetValue(layers), parsed.GetValue(width)),
        new() { Dtype = parsed.GetValue(dtype), Device = torch.device(parsed.GetValue(device)!) },
        parsed.GetValue(batch), parsed.GetValue(oneIn), new Report());
});

var folder = new Argument<string>("folder");
var allLayers = new Option<int>("--layers") { DefaultValueFactory = _ => RandomGptJ.Layers };
var llama = new Option<bool>("--llama3-8b") { Description = "Llama 3 8B's shape, and not GPT-J's." };
var make = new Command("folder", "Writes a random bfloat16 model as a HuggingFace folder.") { folder, allLayers, width, llama };
make.SetAction(parsed => RandomFolder.Write(
    parsed.GetValue(folder)!,
    path =>
    {
        if (parsed.GetValue(llama))
        {
            AtomicFile.Write(Path.Combine(path, "config.json"), RandomFolder.Llama3);
        }
        else
        {
            RandomGptJ.Config(parsed.GetValue(allLayers), parsed.GetValue(width)).Write(path);
        }
    },
    new Report()));

var few = new Option<int>("--prompts") { DefaultValueFactory = _ => 3 };
var whole = new Command("whole", "Such a folder, memory-mapped: load time, a few prompts, peak resident memory.") { folder, few, tokens };
whole.SetAction(parsed => Verdict(WholeSize.Run(
    parsed.GetValue(folder)!, parsed.GetValue(few), parsed.GetValue(tokens), new Report())));

try
{
    return new RootCommand("Timings of Logitscope.") { sweep, busy, workers, lenses, forward, rates, growth, parity, pressure, big, make, whole }
        .Parse(args).Invoke(new() { EnableDefaultExceptionHandler = false });
}
catch (LogitscopeException error)
{
    Console.Error.WriteLine($"logitscope-bench: {error.Message}");
    return 1;
}

static int Verdict(bool good) => good ? 0 : 1;
