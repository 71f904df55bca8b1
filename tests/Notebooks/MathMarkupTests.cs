using System.Xml.Linq;
using FsCheck.Fluent;
using Logitscope.Cli.Notebooks.Pages;

namespace Logitscope.Tests.Notebooks;

public class MathMarkupTests
{
    [Theory]
    [InlineData("x", "<mi>x</mi>")]
    [InlineData("h_t^\\ell", "<msubsup><mi>h</mi><mi>t</mi><mi>ℓ</mi></msubsup>")]
    [InlineData("\\frac{1}{2}", "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>")]
    [InlineData("\\sum_i", "<munder><mo>∑</mo><mi>i</mi></munder>")]
    [InlineData("-\\text{a b}", "<mo>−</mo><mi mathvariant=\"normal\">a b</mi>")]
    [InlineData("a < b", "<mi>a</mi><mo>&lt;</mo><mi>b</mi>")]
    [InlineData("\\unheard", "<mi>unheard</mi>")]
    public void A_formula_becomes_MathML(string latex, string expected) =>
        Assert.Equal($"<math><mrow>{expected}</mrow></math>", MathMarkup.ToHtml(latex, isBlock: false));

    [Fact]
    public void Any_text_gives_well_formed_markup()
    {
        string[] pieces =
        [
            "\\frac", "{", "}", "_", "^", "\\", "\\sqrt", "\\text{", "x", "12.5", "<", "&", "\\left(", "'", "\\ln ",
            "é", " ", "\n",
        ];
        Prop.ForAll(Gen.Elements(pieces).ArrayOf().ToArbitrary(), chosen =>
                Assert.NotNull(XElement.Parse(MathMarkup.ToHtml(string.Concat(chosen), isBlock: true))))
            .Holds();
    }
}
