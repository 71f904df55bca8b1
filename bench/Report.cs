namespace Logitscope.Bench;

/// <summary>Markdown on the console: what bench/README.md quotes.</summary>
internal sealed class Report
{
    private bool _inTable;

    public void Say(string text)
    {
        _inTable = false;
        Console.WriteLine($"{(Console.CursorLeft > 0 ? "\n" : "")}{text}\n");
    }

    public void Row(params string[] cells)
    {
        Console.WriteLine($"| {string.Join(" | ", cells)} |");
        if (!_inTable)
        {
            Console.WriteLine($"|{string.Concat(Enumerable.Repeat("---|", cells.Length))}");
            _inTable = true;
        }
    }
}
