namespace TorchSharp.Modules;

/// <summary>Gaussian error linear units; only the choice between their two forms.</summary>
public static class GELU
{
    /// <summary>How the error function is computed.</summary>
    public enum Approximate
    {
        /// <summary>Exactly.</summary>
        none = 0,

        /// <summary>By tanh.</summary>
        tanh = 1,
    }
}
