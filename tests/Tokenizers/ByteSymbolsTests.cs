namespace Logitscope.Tests.Tokenizers;

public class ByteSymbolsTests
{
    [Fact]
    public void Every_byte_has_a_symbol_of_its_own_that_reads_back()
    {
        var symbols = ByteSymbols.Order.Select(ByteSymbols.SymbolOf).ToList();
        Assert.Equal(256, symbols.Distinct().Count());
        Assert.Equal(ByteSymbols.Order, symbols.Select(symbol => Assert.Single(ByteSymbols.BytesOf(symbol)!)));
    }

    [Theory]
    [InlineData(' ', "Ġ")]
    [InlineData('\n', "Ċ")]
    [InlineData('A', "A")]
    [InlineData(0xAD, "Ń")]
    [InlineData(0xFF, "ÿ")]
    public void Symbols_are_those_of_GPT_2(int value, string symbol) =>
        Assert.Equal(symbol, ByteSymbols.SymbolOf((byte)value));

    [Fact]
    public void Ids_follow_GPT_2()
    {
        Assert.Equal((byte)'!', ByteSymbols.Order[0]);
        Assert.Equal(0, ByteSymbols.Order[188]);
        Assert.Equal(0xAD, ByteSymbols.Order[255]);
    }

    [Fact]
    public void A_character_that_spells_no_byte_is_told() => Assert.Null(ByteSymbols.BytesOf("a b"));
}
