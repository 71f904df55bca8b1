using System.CommandLine;
using System.CommandLine.Parsing;
using Logitscope.Cli.Commands;

namespace Logitscope.Cli;

/// <summary>The command line: verbs, exit codes, and how errors are told.</summary>
public static class CommandLine
{
    /// <summary>The exit code after Ctrl-C.</summary>
    internal const int Interrupted = 130;

    /// <summary>What it says then.</summary>
    internal const string Stopped = "stopped; the same command goes on where it was";

    /// <summary>How an error begins that nothing foresaw.</summary>
    internal const string Bug = "a bug of Logitscope's, please report it";

    /// <summary>Of the program.</summary>
    internal const string Name = "logitscope";

    private const int Failed = 1;

    private const string FirstWords = """
        Look inside language models: read any residual activation in words. Try

          logitscope lens --text "The capital of France is"                   what every layer would say next
          logitscope patch --source "The capital of France is" --source-layer 5 --source-position -1
                           --target "?" --target-layer 5 --target-position -1   one residual, decoded by the rest of the model
          logitscope describe --entity "Frida Kahlo"                          what the model holds of a name, layer by layer
          logitscope sweep --data data/prompts.jsonl --limit 50 --out out/first   every layer, three methods, curves
          logitscope explore                                                  a page to look and patch by hand
          logitscope doctor                                                   this machine

        on the small model that comes with it, or with --model on one of yours. All verbs: logitscope --help
        """;

    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="output">Answers.</param>
    /// <param name="error">Progress, warnings and errors.</param>
    /// <returns>0; 1 after an error; 2 when a notebook's cell failed; 130 when interrupted.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        using var interrupt = new InterruptSignal();
        try
        {
            // A prompt may begin with an @, which is no file of more arguments.
            var root = Examples.AddTo(Root());
            var parsed = root.ReadStrictly().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            // [suggest:17] and half a command line; without a number System.CommandLine would throw.
            var isCompletion = root.Directives.Any(directive => parsed.GetResult(directive)?.Values.All(place => uint.TryParse(place, out _)) ?? false);

            // Where a verb takes a word without a name, a misspelt option would pass for it.
            var unknown = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Where(word => word.StartsWith("--", StringComparison.Ordinal))
                .Concat(parsed.UnmatchedTokens).FirstOrDefault();
            if (!isCompletion && (unknown is not null || parsed.Errors.Count > 0))
            {
                var command = PathOf(parsed);
                if (arguments.Length == 0)
                {
                    await output.WriteLineAsync(FirstWords).ConfigureAwait(false);
                    return 0;
                }

                var fault = unknown is null ? parsed.Errors[0].Message : $"unknown word '{unknown}'{Meant(unknown, parsed.CommandResult.Command)}";
                return await Fail($"{fault} (see {command} --help)").ConfigureAwait(false);
            }

            var configuration = new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, interrupt.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (interrupt.Token.IsCancellationRequested)
        {
            await error.WriteLineAsync(Stopped).ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception e) when (TorchRuntime.ErrorOf(e) is TorchOutOfMemoryException)
        {
            return await Fail($"{e.Message}; try a smaller --batch or --dtype bfloat16").ConfigureAwait(false);
        }
        catch (Exception e) when (IsForUser(e))
        {
            return await Fail((TorchRuntime.ErrorOf(e) ?? e).Message).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return await Fail($"{Bug}: {e.GetType().Name} in {e.TargetSite?.DeclaringType?.Name}.{e.TargetSite?.Name}: {e.Message}")
                .ConfigureAwait(false);
        }

        async Task<int> Fail(string message)
        {
            await error.WriteLineAsync($"logitscope: {OneLine.Of(message)}").ConfigureAwait(false);
            return Failed;
        }
    }

    private static bool IsForUser(Exception error) =>
        error is LogitscopeException or IOException or UnauthorizedAccessException
        || TorchRuntime.ErrorOf(error) is not null;

    /// <summary>All verbs.</summary>
    internal static RootCommand Root() =>
        new("Look inside language models: read any residual activation in words.")
        {
            InspectCommand.Create(),
            ConvertCommand.Create(),
            TokenizeCommand.Create(),
            LogitsCommand.Create(),
            GenerateCommand.Create(),
            PatchCommand.Create(),
            LensCommand.Create(),
            ExploreCommand.Create(),
            TraceCommand.Create(),
            KnockoutCommand.Create(),
            StagesCommand.Create(),
            LreCommand.Create(),
            ProbeCommand.Create(),
            ExtractCommand.Create(),
            DescribeCommand.Create(),
            AcrossCommand.Create(),
            MultiHopCommand.Create(),
            FitCommand.Create(),
            SweepCommand.Create(),
            MergeCommand.Create(),
            CompareCommand.Create(),
            PageCommand.Create(),
            DownloadCommand.Create(),
            DataCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
            DoctorCommand.Create(),
        };

    private static string Meant(string word, Command command) => DidYouMean.Of(
        word, word.StartsWith('-') ? command.Options.SelectMany(option => option.Aliases.Append(option.Name)) : command.Subcommands.Select(verb => verb.Name));

    /// <summary>The program and its verbs, as typed: <c>logitscope data pile</c>.</summary>
    internal static string PathOf(ParseResult parsed)
    {
        return string.Join(' ', Upwards(parsed.CommandResult).Reverse());

        static IEnumerable<string> Upwards(SymbolResult? result)
        {
            for (; result is CommandResult command; result = result.Parent)
            {
                yield return command.Command is RootCommand ? Name : command.Command.Name;
            }
        }
    }
}
