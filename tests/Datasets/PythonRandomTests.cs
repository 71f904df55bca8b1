using System.Numerics;

namespace Logitscope.Tests.Datasets;

public class PythonRandomTests
{
    // CPython 3.11.7: python3 -c "import random; r = random.Random(SEED); print([r.getrandbits(32) for _ in range(5)])"
    [Theory]
    [InlineData("0", 3626764237u, 1654615998u, 3255389356u, 3823568514u, 1806341205u)]
    [InlineData("1", 577090037u, 2444712010u, 3639700191u, 3445702192u, 3280387012u)]
    [InlineData("42", 2746317213u, 478163327u, 107420369u, 3184935163u, 1181241943u)]
    [InlineData("-42", 2746317213u, 478163327u, 107420369u, 3184935163u, 1181241943u)]
    [InlineData("4294967295", 2728839433u, 2661025012u, 872737089u, 924893097u, 2608619700u)]
    [InlineData("4294967296", 485306839u, 1508871100u, 1794561286u, 4014597330u, 71624475u)]
    [InlineData("18446744073709551617", 437050517u, 3681013637u, 3113036029u, 1867347033u, 1076864185u)]
    [InlineData("-1267650600228229401496703205376", 3258412053u, 345648520u, 969030735u, 352340553u, 4209360913u)]
    [InlineData("98765432109876543210987654321098765", 1513320576u, 2886538409u, 1112481586u, 429481528u, 2164401489u)]
    public void Any_seed_gives_CPythons_bits(string seed, params uint[] expected)
    {
        var random = new PythonRandom(BigInteger.Parse(seed));
        Assert.Equal(expected, expected.Select(_ => random.NextUInt32()));
    }

    // python3 -c "import random; r = random.Random(3**20000); print([r.getrandbits(32) for _ in range(3)])"
    // CPython: random.seed(42); x = list(range(10)); random.shuffle(x)
    [Fact]
    public void It_shuffles_as_python_does() =>
        Assert.Equal([7, 3, 2, 8, 5, 6, 9, 4, 0, 1], new PythonRandom(42).Shuffled(Enumerable.Range(0, 10)));

    [Fact]
    public void A_seed_longer_than_the_state_gives_CPythons_bits()
    {
        var random = new PythonRandom(BigInteger.Pow(3, 20000));
        uint[] expected = [479690909, 1955890244, 506206384];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt32()));
    }

    // python3 -c "import random; random.seed(42); print([random.getrandbits(32) for _ in range(10000)][-1])"
    [Fact]
    public void The_ten_thousandth_number_is_CPythons()
    {
        var random = new PythonRandom(42);
        for (var drawn = 0; drawn < 9_999; drawn++)
        {
            random.NextUInt32();
        }

        Assert.Equal(3981887252u, random.NextUInt32());
    }

    // python3 -c "import random; random.seed(42)
    //   print([random.randint(0, n-1) for n in (1,2,3,200,400,1600,33,128,129)])"
    [Fact]
    public void Positions_are_drawn_as_the_reference_draws_them()
    {
        var random = new PythonRandom(42);
        long[] counts = [1, 2, 3, 200, 400, 1600, 33, 128, 129];
        Assert.Equal([0, 0, 2, 70, 125, 457, 8, 26, 22], counts.Select(count => random.RandInt(0, count - 1)));
    }

    // python3 -c "import random; r = random.Random(7);
    //   print([r.randrange(n) for n in (1,2,2**31,2**32-1,2**32,2**32+1,2**40,2**62,2**62+12345,6)])"
    [Fact]
    public void Ranges_wider_than_32_bits_are_CPythons()
    {
        var random = new PythonRandom(7);
        long[] counts =
            [1, 2, 1L << 31, uint.MaxValue, 1L << 32, (1L << 32) + 1, 1L << 40, 1L << 62, (1L << 62) + 12345, 6];
        Assert.Equal(
            [
                0, 0, 1695753998, 2795742288, 207388624, 404285457, 127057107037, 345836454132741580,
                3999675500061565786, 3,
            ],
            counts.Select(random.RandBelow));
    }

    // python3 -c "import random; r = random.Random(7);
    //   print([r.randint(a,b) for a,b in ((-5,5),(0,0),(-2**40,2**40),(10,12),(-3,-1))])"
    [Fact]
    public void Ranges_may_begin_anywhere()
    {
        var random = new PythonRandom(7);
        (long Low, long High)[] ranges = [(-5, 5), (0, 0), (-(1L << 40), 1L << 40), (10, 12), (-3, -1)];
        Assert.Equal([0, 0, -781476659248, 12, -3], ranges.Select(range => random.RandInt(range.Low, range.High)));
    }

    [Fact]
    public void Every_number_of_a_range_is_drawn_about_as_often()
    {
        var random = new PythonRandom(1);
        var counts = Enumerable.Range(0, 70_000).CountBy(_ => random.RandBelow(7)).ToList();
        Assert.Equal(7, counts.Count);
        // 10,000 expected, standard deviation 93.
        Assert.All(counts, number => Assert.InRange(number.Value, 9_500, 10_500));
    }

    [Fact]
    public void Impossible_ranges_are_told()
    {
        var random = new PythonRandom(42);
        Assert.Throws<ArgumentOutOfRangeException>(() => random.RandBelow(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.RandInt(1, 0));
        Assert.Throws<OverflowException>(() => random.RandInt(long.MinValue, long.MaxValue));
    }
}
