using LocScale.Models.Atoms;
using LocScale.Models.Density;

namespace LocScale.Models.Tests.Density;

public class ProteinProfileTests
{
    /// <summary>At high resolution atoms scatter on their own; helices and strands stand out at 4.5–5 Å from 7 Å.</summary>
    [Test]
    public void Protein_falls_off_like_its_atoms_and_shows_its_secondary_structure()
    {
        Assert.That(ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? carbon));
        Assert.That(ProteinProfile.PowerOfAtom(0.48, 0) / Math.Pow(carbon!.At(0.48), 2), Is.EqualTo(0.95).Within(0.1));
        double atSeven = ProteinProfile.PowerOfAtom(0.14, 0), atFive = ProteinProfile.PowerOfAtom(0.21, 0);
        Assert.That(atFive / atSeven, Is.GreaterThan(1.2));
        Assert.That(ProteinProfile.PowerOfAtom(0.3, 40) / ProteinProfile.PowerOfAtom(0.3, 0), Is.EqualTo(Math.Exp(-40 * 0.09 / 2)).Within(1e-12));
    }
}
