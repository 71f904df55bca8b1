namespace Logitscope.World;

/// <summary>How far a training run is.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Loss">Mean surprisal of the last step's tokens, in nats.</param>
/// <param name="TokensPerSecond">The rate since this run began.</param>
/// <param name="Left">Time left at that rate.</param>
internal sealed record TrainingProgress(int Step, int Steps, double Loss, double TokensPerSecond, TimeSpan Left);
