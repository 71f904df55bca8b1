using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Logitscope.Cli.Notebooks.Pages;

/// <summary>
/// The LaTeX that notebooks use, as MathML, which browsers draw without a script: letters, numbers, operators, sub-
/// and superscripts, fractions, roots, text and common symbols. A command it does not know is shown by its name.
/// </summary>
internal sealed partial class MathMarkup
{
    private static readonly Dictionary<string, string> s_letters = Table("""
        alpha α beta β gamma γ delta δ epsilon ε varepsilon ε eta η theta θ lambda λ mu μ pi π rho ρ sigma σ tau τ
        phi φ varphi φ psi ψ omega ω ell ℓ Delta Δ Theta Θ Lambda Λ Sigma Σ Phi Φ Omega Ω
        """);

    private static readonly Dictionary<string, string> s_operators = Table("""
        cdot · times × odot ⊙ to → rightarrow → leftarrow ← mapsto ↦ le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ sim ∼
        in ∈ mid ∣ sum ∑ prod ∏ partial ∂ nabla ∇ infty ∞ pm ± ldots … dots … cdots ⋯ langle ⟨ rangle ⟩
        lVert ‖ rVert ‖ | ‖ { { } }
        """);

    private readonly Queue<string> _tokens;

    private MathMarkup(string latex) => _tokens = new Queue<string>(Token().Matches(latex).Select(match => match.Value));

    /// <summary>A formula as a MathML element.</summary>
    /// <param name="latex">Without its dollar signs.</param>
    /// <param name="isBlock">Whether it stands on a line of its own.</param>
    public static string ToHtml(string latex, bool isBlock)
    {
        var parser = new MathMarkup(latex);
        var content = new StringBuilder();
        while (parser._tokens.Count > 0)
        {
            content.Append(parser.Row());
            parser._tokens.TryDequeue(out _);
        }

        return $"<math{(isBlock ? " display=\"block\"" : "")}>{content}</math>";
    }

    /// <summary>Everything up to a closing brace or the end.</summary>
    private string Row()
    {
        var row = new StringBuilder("<mrow>");
        while (_tokens.TryPeek(out var next) && next != "}")
        {
            row.Append(WithScripts(Atom()));
        }

        return row.Append("</mrow>").ToString();
    }

    private string WithScripts(string body)
    {
        string? below = null, above = null;
        while (_tokens.TryPeek(out var next) && next is "_" or "^")
        {
            _tokens.Dequeue();
            _ = next == "_" ? below = Atom() : above = Atom();
        }

        var limits = body is "<mo>∑</mo>" or "<mo>∏</mo>";
        return (below, above) switch
        {
            ({ }, { }) when limits => $"<munderover>{body}{below}{above}</munderover>",
            ({ }, { }) => $"<msubsup>{body}{below}{above}</msubsup>",
            ({ }, null) when limits => $"<munder>{body}{below}</munder>",
            ({ }, null) => $"<msub>{body}{below}</msub>",
            (null, { }) => $"<msup>{body}{above}</msup>",
            _ => body,
        };
    }

    private string Atom()
    {
        if (!_tokens.TryDequeue(out var token))
        {
            return "<mrow></mrow>";
        }

        return token switch
        {
            "{" => Group(),
            ['\\', ..] => Command(token[1..]),
            [>= '0' and <= '9', ..] => $"<mn>{token}</mn>",
            [var c, ..] when char.IsLetter(c) => $"<mi>{token}</mi>",
            "-" => "<mo>−</mo>",
            "'" => "<mo>′</mo>",
            "(" or ")" or "[" or "]" or "|" => $"<mo stretchy=\"false\">{token}</mo>",
            _ => $"<mo>{WebUtility.HtmlEncode(token)}</mo>",
        };
    }

    private string Group()
    {
        var row = Row();
        _tokens.TryDequeue(out _);
        return row;
    }

    private string Command(string name) => name switch
    {
        "frac" => $"<mfrac>{Atom()}{Atom()}</mfrac>",
        "sqrt" => $"<msqrt>{Atom()}</msqrt>",
        "hat" => $"<mover>{Atom()}<mo>^</mo></mover>",
        "bar" or "overline" => $"<mover>{Atom()}<mo>¯</mo></mover>",
        "left" or "right" or "big" or "Big" => "",
        "," or ";" or ":" or " " => Space("0.3em"),
        "quad" => Space("1em"),
        _ when Upright().Match(name) is { Success: true } upright =>
            $"<mi mathvariant=\"normal\">{WebUtility.HtmlEncode(upright.Groups["text"].Value)}</mi>",
        "ln" or "log" or "exp" or "max" or "min" or "arg" or "Pr" => $"<mi>{name}</mi>{Space("0.17em")}",
        _ when s_letters.TryGetValue(name, out var letter) => $"<mi>{letter}</mi>",
        _ when s_operators.TryGetValue(name, out var sign) => $"<mo>{sign}</mo>",
        _ => $"<mi>{WebUtility.HtmlEncode(name)}</mi>",
    };

    private static string Space(string width) => $"<mspace width=\"{width}\"></mspace>";

    private static Dictionary<string, string> Table(string pairs) =>
        pairs.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Chunk(2)
            .ToDictionary(pair => pair[0], pair => pair[1]);

    // \text{any words} and its kin stay whole; else a command, a number, or one character.
    [GeneratedRegex(
        @"\\(?:text|mathrm|mathbf|textbf|operatorname)\{[^}]*\}|\\[a-zA-Z]+|\\.|\d+(?:\.\d+)?|\S",
        RegexOptions.Singleline)]
    private static partial Regex Token();

    [GeneratedRegex(@"^(?:text|mathrm|mathbf|textbf|operatorname)\{(?<text>[^}]*)\}")]
    private static partial Regex Upright();
}
