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

    private const int Failed = 1;

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
            var parsed = Root().ReadStrictly().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

            // Where a verb takes a word without a name, a misspelt option would pass for it.
            var unknown = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens)
                .Select(token => token.Value).Where(word => word.StartsWith("--", StringComparison.Ordinal))
                .Concat(parsed.UnmatchedTokens).FirstOrDefault();
            if (unknown is not null || parsed.Errors.Count > 0)
            {
                var command = string.Join(' ', Path(parsed.CommandResult).Reverse());
                var fault = unknown is null ? parsed.Errors[0].Message : $"unknown word '{unknown}'";
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
            PageCommand.Create(),
            DownloadCommand.Create(),
            DataCommand.Create(),
            TrainCommand.Create(),
            EvalCommand.Create(),
        };

    private static IEnumerable<string> Path(SymbolResult? result)
    {
        for (; result is CommandResult command; result = result.Parent)
        {
            yield return command.Command is RootCommand ? "logitscope" : command.Command.Name;
        }
    }
}
