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

return new RootCommand("Timings of Logitscope, in pairs.") { sweep }.Parse(args).Invoke();
