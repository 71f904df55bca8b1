using System.CommandLine;

namespace Logitscope.Cli.Commands;

/// <summary>What numbers on the command line may be.</summary>
internal static class Limits
{
    /// <summary>Refuses a number below 1.</summary>
    public static Option<int> AtLeastOne(this Option<int> option)
    {
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is var number && number < 1)
            {
                result.AddError($"{option.Name}: expected at least 1, got {number}");
            }
        });
        return option;
    }
}
