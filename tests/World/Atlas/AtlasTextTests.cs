using FsCheck.Fluent;
using Logitscope.World;

namespace Logitscope.Tests.World;

public class AtlasTextTests
{
    [Theory]
    [InlineData("apple", "an apple")]
    [InlineData("pear", "a pear")]
    [InlineData("e-mail service", "an e-mail service")]
    [InlineData("university", "a university")]
    [InlineData("hour", "an hour")]
    [InlineData("euro", "a euro")]
    public void The_article_follows_the_sound(string noun, string expected) =>
        Assert.Equal(expected, English.WithArticle(noun));

    [Theory]
    [InlineData("the capital of Peru is Lima", "The capital of Peru is Lima.")]
    [InlineData("iPhone is a name", "iPhone is a name.")]
    [InlineData("did you know that?", "Did you know that?")]
    public void A_clause_becomes_a_sentence(string clause, string expected) =>
        Assert.Equal(expected, English.Sentence(clause));

    [Fact]
    public void A_template_fills_its_slots()
    {
        var template = Template.Parse("{Hero} has {a thing} and {A thing2.color} one: {s}", "here");
        Assert.Equal(["hero", "thing", "thing2.color", "s"], template.Paths);
        Assert.True(template.EndsWith("s"));
        Assert.Equal("Anna has an egg and A red one: z", template.Fill(path => path switch
        {
            "hero" => "anna",
            "thing" => "egg",
            "thing2.color" => "red",
            _ => "z",
        }));
        Assert.Null(template.Fill(path => path == "s" ? null : "x"));
    }

    [Theory]
    [InlineData("a {slot")]
    [InlineData("an empty {} slot")]
    public void A_broken_template_is_refused_and_named(string text) =>
        Assert.Contains("here", Assert.Throws<AtlasException>(() => Template.Parse(text, "here")).Message);

    [Fact]
    public void The_random_numbers_are_those_of_SplitMix64()
    {
        // Widely published outputs for the seed 1234567.
        var random = new StableRandom(1234567);
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821],
            Enumerable.Range(0, 5).Select(_ => random.NextUInt64()));
    }

    [Theory]
    [InlineData("", 0xcbf29ce484222325)]
    [InlineData("a", 0xaf63dc4c8601ec8c)]
    [InlineData("foobar", 0x85944171f73967e8)]
    public void The_hash_is_FNV_1a_mixed(string text, ulong fnv) =>
        Assert.Equal(StableHash.Mix(fnv), StableHash.Of(text));

    [Fact]
    public void A_sample_holds_different_places_and_a_number_stays_in_its_range() =>
        Prop.ForAll<ulong, byte, byte>((seed, size, count) =>
        {
            var random = new StableRandom(seed);
            var sample = random.Sample(Enumerable.Range(0, size).ToArray(), count);
            return sample.Count == Math.Min(size, count)
                && sample.Distinct().Count() == sample.Count
                && sample.All(item => item < size)
                && random.Between(count, count + size) is var drawn && drawn >= count && drawn <= count + size;
        }).Holds();

    [Fact]
    public void Chances_are_what_they_say()
    {
        var random = new StableRandom(5);
        Assert.Equal(0.3, Enumerable.Range(0, 20_000).Count(_ => random.Chance(0.3)) / 20_000.0, tolerance: 0.02);
    }
}
