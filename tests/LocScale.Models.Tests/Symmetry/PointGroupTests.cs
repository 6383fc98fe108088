using LocScale.Maps;
using LocScale.Models.Atoms;
using LocScale.Models.Symmetry;

namespace LocScale.Models.Tests.Symmetry;

[TestFixture]
public sealed class PointGroupTests
{
    internal static readonly string[] Names =
        ["C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "D2", "D3", "D4", "D5", "D6", "D7", "T", "O", "I"];

    private static readonly Dictionary<string, int> Orders = new()
    {
        ["C1"] = 1,
        ["C2"] = 2,
        ["C3"] = 3,
        ["C4"] = 4,
        ["C5"] = 5,
        ["C6"] = 6,
        ["C7"] = 7,
        ["C8"] = 8,
        ["D2"] = 4,
        ["D3"] = 6,
        ["D4"] = 8,
        ["D5"] = 10,
        ["D6"] = 12,
        ["D7"] = 14,
        ["T"] = 12,
        ["O"] = 24,
        ["I"] = 60,
    };

    [TestCaseSource(nameof(Names))]
    public void Group_has_its_order_and_holds_every_product_and_inverse(string name)
    {
        PointGroup group = PointGroup.Parse(name);
        Assert.That(group.Order, Is.EqualTo(Orders[name]));
        Assert.That(group.Operators[0], Is.EqualTo(Rotation.Identity));
        foreach (Rotation first in group.Operators)
        {
            Assert.That(group.Operators.Count(other => other.DifferenceFrom(first) < 1e-9), Is.EqualTo(1), "all differ");
            Assert.That(group.Operators.Count(other => other.After(first).DifferenceFrom(Rotation.Identity) < 1e-12), Is.EqualTo(1));
            foreach (Rotation second in group.Operators)
            {
                Rotation product = first.After(second);
                Assert.That(group.Operators.Min(other => other.DifferenceFrom(product)), Is.LessThan(1e-12));
            }
        }
    }

    [TestCaseSource(nameof(Names))]
    public void Operators_are_rotations(string name)
    {
        foreach (Rotation r in PointGroup.Parse(name).Operators)
        {
            Rotation transposed = new(r.XX, r.YX, r.ZX, r.XY, r.YY, r.ZY, r.XZ, r.YZ, r.ZZ);
            double determinant = (r.XX * ((r.YY * r.ZZ) - (r.YZ * r.ZY))) - (r.XY * ((r.YX * r.ZZ) - (r.YZ * r.ZX)))
                + (r.XZ * ((r.YX * r.ZY) - (r.YY * r.ZX)));
            Assert.That(r.After(transposed).DifferenceFrom(Rotation.Identity), Is.LessThan(1e-14));
            Assert.That(determinant, Is.EqualTo(1).Within(1e-14));
        }
    }

    [TestCase("C5", 5, 0, 0, 1)]
    [TestCase("D7", 7, 0, 0, 1)]
    [TestCase("D7", 2, 1, 0, 0)]
    [TestCase("T", 3, 0, 0, 1)]
    [TestCase("T", 3, 0, 0.94281, -0.33333)]
    [TestCase("O", 4, 0, 0, 1)]
    [TestCase("O", 4, 0, 1, 0)]
    [TestCase("I", 5, 0, 0.85065, 0.52573)]
    [TestCase("I", 5, 0.52573, 0, 0.85065)]
    public void Axes_lie_where_the_convention_puts_them(string name, int fold, double x, double y, double z)
    {
        Rotation turn = Rotation.About(new Position(x, y, z), 2 * Math.PI / fold);
        Assert.That(PointGroup.Parse(name).Operators.Min(rotation => rotation.DifferenceFrom(turn)), Is.LessThan(2e-5));
    }

    [TestCase("c12", "C12", 12)]
    [TestCase(" d3 ", "D3", 6)]
    [TestCase("o", "O", 24)]
    public void Names_are_read_in_any_case(string text, string name, int order)
    {
        PointGroup group = PointGroup.Parse(text);
        Assert.That((group.Name, group.Order), Is.EqualTo((name, order)));
    }

    [TestCase("")]
    [TestCase("C")]
    [TestCase("C0")]
    [TestCase("C-3")]
    [TestCase("I5")]
    [TestCase("X")]
    public void What_is_no_group_is_refused(string text) =>
        Assert.That(() => PointGroup.Parse(text), Throws.TypeOf<InputException>());

    [Test]
    public void A_tensor_turns_with_its_atom()
    {
        AnisotropicDisplacement alongX = new(3, 1, 1, 0, 0, 0);
        AnisotropicDisplacement turned = Rotation.About(new Position(0, 0, 1), Math.PI / 4).Apply(alongX);
        Assert.Multiple(() =>
        {
            Assert.That(turned.U11, Is.EqualTo(2).Within(1e-12));
            Assert.That(turned.U22, Is.EqualTo(2).Within(1e-12));
            Assert.That(turned.U33, Is.EqualTo(1).Within(1e-12));
            Assert.That(turned.U12, Is.EqualTo(1).Within(1e-12));
        });
    }
}
