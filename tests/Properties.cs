using FsCheck;
using FsCheck.Fluent;

namespace Logitscope.Tests;

/// <summary>How the tests try a property on random cases: other ones at every run.</summary>
internal static class Properties
{
    private static readonly Config s_quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess(true);

    // ./test.sh --all sets it. A run without tries a quarter of what is many: the runs of a week try more than one of them would.
    private static readonly int s_share = Environment.GetEnvironmentVariable("LOGITSCOPE_TEST_ALL") is { Length: > 0 } ? 1 : 4;

    /// <summary>Fails with the smallest case that it finds; says nothing when all hold.</summary>
    public static void Holds(this Property property, int cases = 100) => property.Check(s_quiet.WithMaxTest(cases < 1000 ? cases : cases / s_share));
}
