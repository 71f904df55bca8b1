namespace Logitscope.Models;

/// <summary>The small trained model that comes with Logitscope.</summary>
public static class EmbeddedModel
{
    private const string Variable = "LOGITSCOPE_MODEL";

    /// <summary>
    /// Its folder: what the environment variable <c>LOGITSCOPE_MODEL</c> names, else <c>data/tiny-gptj</c> in the
    /// checkout around this library.
    /// </summary>
    /// <exception cref="ModelException">Neither is there.</exception>
    public static string Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            {
                return named;
            }

            return CheckoutFolder.Find(Path.Combine("data", "tiny-gptj"))
                ?? throw new ModelException(
                    $"the embedded model: expected data/tiny-gptj above {AppContext.BaseDirectory}; "
                    + $"name a model's folder, or set {Variable}");
        }
    }
}
