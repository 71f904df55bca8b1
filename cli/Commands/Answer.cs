using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Logitscope.Cli.Commands;

/// <summary>Answers on the console: a table for people, or JSON with --json for programs.</summary>
internal sealed class Answer
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull() },
    };

    /// <summary>The option that every verb with an answer has.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Answer in JSON." };

    /// <summary>Writes what was asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="json">The answer for programs.</param>
    /// <param name="show">The answer for people.</param>
    public void Write(ParseResult parsed, object json, Action<IAnsiConsole> show)
    {
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Json))
        {
            output.WriteLine(JsonSerializer.Serialize(json, s_json));
        }
        else
        {
            show(ConsoleOn(output));
        }
    }

    // The margin of a vocabulary's last token is infinite, and JSON has no word for it.
    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value))
            {
                writer.WriteNumberValue(value);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    /// <summary>Spectre's console on a writer; wide where it is no terminal, so that nothing is cut.</summary>
    public static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        const int unlimited = 10_000;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (Console.IsOutputRedirected || !ReferenceEquals(writer, Console.Out))
        {
            console.Profile.Width = unlimited;
        }

        return console;
    }

    /// <summary>A table of the library's, as it shows itself.</summary>
    public static Spectre.Console.Table TableOf(Table table) => TableOf(table.Columns, table.Rows.Select(row => row.Select(Table.Shown)));

    /// <summary>A table of plain cells; no text is taken for markup, or commands the terminal.</summary>
    public static Spectre.Console.Table TableOf(IEnumerable<string> columns, IEnumerable<IEnumerable<string>> rows)
    {
        var table = new Spectre.Console.Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Label.Printable(column))));
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Label.Printable(cell))));
        }

        return table;
    }
}
