using FFTW.NET;
using LocScale.Maps;
using LocScale.Maps.Files;
using LocScale.Maps.HalfMaps;
using LocScale.Models.Atoms;
using LocScale.Models.Density;
using LocScale.Models.Files;
using LocScale.Parallel;
using LocScale.Tests;
using MathNet.Numerics;

namespace LocScale.Models.Tests.Density;

/// <summary>Where a map and a model cease to agree.</summary>
[TestFixture]
public sealed class ModelAgreementTests
{
    [Test]
    public void Soft_envelope_is_that_of_the_nearest_atom_whoever_has_the_plane()
    {
        GridSize size = new(19, 24, 17);
        const double voxel = 1.3;
        ScatteringModel model = RandomModel.Isotropic(6, size, voxel, 20, 20);
        foreach (int ranks in (int[])[1, 3])
        {
            float[][] masks = ThreadTeam.Run(ranks, team =>
            {
                using BoxTransform transform = new(size, team, 2);
                SoftEnvelope envelope = new(model, transform, voxel);
                float[] own = new float[transform.PlaneCount * size.NX * size.NY];
                for (int z = 0; z < transform.PlaneCount; z++)
                {
                    for (int y = 0; y < size.NY; y++)
                        envelope.Read(y, transform.FirstPlane + z, own.AsSpan(size.Index(0, y, z), size.NX));
                }
                return own;
            });
            float[] mask = [.. masks.SelectMany(own => own)];
            double[] slow = new double[size.Count];
            for (int i = 0; i < slow.Length; i++)
            {
                Position place = new(
                    i % size.NX * voxel, i / size.NX % size.NY * voxel, i / (size.NX * size.NY) * voxel);
                slow[i] = SoftEnvelope.At(model.Atoms.Min(atom => Distance(atom.Position, place)));
            }
            Assert.That(mask, Is.EqualTo(slow).Within(1e-5));
            Assert.That(slow.Count(value => value is > 0.01 and < 0.99), Is.GreaterThan(500));
        }

        double Distance(Position a, Position b)
        {
            double x = Along(a.X - b.X, size.NX), y = Along(a.Y - b.Y, size.NY), z = Along(a.Z - b.Z, size.NZ);
            return Math.Sqrt((x * x) + (y * y) + (z * z));
        }

        double Along(double d, int count) => Math.IEEERemainder(d, count * voxel);
    }

    // A map that has the density of the model up to a frequency and as much noise beyond, an offset, and, in the other half
    // of the box, atoms that the model lacks.
    [TestCase(3.0, 0)]
    [TestCase(4.2, 0)]
    [TestCase(7.0, 0)]
    [TestCase(4.2, 400)]
    [TestCase(4.2, -100)]
    [Category("Long")]
    public void Agreement_ends_where_the_signal_ends(double resolution, double blur)
    {
        GridSize size = new(60, 48, 50);
        const double voxel = 1.2;
        ScatteringModel all = RandomModel.Isotropic(800, size, voxel, 30, 90);
        ScatteringModel model = all.Where(atom => atom.Position.X is > 8 and < 32 && atom.Position.Y > 8 && atom.Position.Z > 8);
        float[] density = ModelMaps.Calculate(all, size, voxel, 2);
        float[] noise = ModelMaps.Calculate(RandomModel.Isotropic(800, size, voxel, 30, 90, seed: 11), size, voxel, 2);
        float[] signal = Cut(density, below: true), rest = Cut(noise, below: false);
        float[] map = [.. signal.Zip(rest, (a, b) => a + b + 20)];

        FscCurve[] curves = ThreadTeam.Run(3, team => Correlation(model, map, size, voxel, team)).Append(
            Correlation(model, map, size, voxel, new TeamOfOne())).ToArray();
        Assert.That(curves.Select(curve => curve.Correlations), Is.All.EqualTo(curves[0].Correlations), "bits and ranks");
        FscResolution? end = FscResolution.EndOfAgreement(curves[0], voxel);
        double shell = 1 / (60 * voxel);
        TestContext.Out.WriteLine($"signal to {resolution} Å, blur {blur} Å², agreement to {end?.Angstrom:0.00} Å");
        Assert.That(end?.IsCrossing, Is.True);
        Assert.That(1 / end!.Value.Angstrom, Is.EqualTo(1 / resolution).Within(shell));

        float[] Cut(float[] values, bool below)
        {
            using BoxTransform transform = new(size, new TeamOfOne(), 2);
            using AlignedArray<Complex32> spectrum = transform.NewSpectrum();
            transform.Forwards((y, z, row) => values.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), spectrum);
            SpectrumGrid.ToNyquist(transform, voxel).Multiply(
                spectrum, s => (s <= 1 / resolution) == below ? Math.Exp(-blur * s * s / 4) : 0);
            return transform.BackwardsToMap(spectrum, 1f / size.Count);
        }
    }

    // Published resolutions; models are not perfect, so that they cease to agree with the map a little earlier.
    [TestCase("tmv/6i5a_box.ccp4", "tmv/6i5a_box_complete.pdb", 2.3)]
    [TestCase("zones/5fn5/5fn5_box.ccp4", "zones/5fn5/5fn5_box_complete.pdb", 4.3)]
    [TestCase("zones/3j6b/2566_3J6B_9.mrc", "zones/3j6b/3J6B_9.pdb", 3.2)]
    [TestCase("integrin/390_emd_30342_A_z4.mrc", "integrin/390_7cec_A.cif", 3.9)]
    [Category("Long")]
    public void Published_maps_and_models_agree_to_about_the_published_resolution(string mapFile, string modelFile, double published)
    {
        DensityMap map = MrcReader.Read(SharedData.Path($"data/{mapFile}"));
        AtomicModel atoms = ModelReader.Read(SharedData.Path($"data/{modelFile}"));
        ScatteringModel model = ModelPlacement.InFrameOf(atoms, map.Size, map.Frame, mapFile).Model;
        FscCurve curve = Correlation(model, map.Values, map.Size, map.Frame.VoxelSize, new TeamOfOne());
        FscResolution? end = FscResolution.EndOfAgreement(curve, map.Frame.VoxelSize);
        TestContext.Out.WriteLine($"{mapFile}: published {published} Å, agreement to {end?.Angstrom:0.00} Å");
        Assert.That(end?.IsCrossing, Is.True);
        Assert.That(end!.Value.Angstrom / published, Is.InRange(0.97, 1.2));
    }

    private static FscCurve Correlation(ScatteringModel model, float[] map, GridSize size, double voxel, ITeam team)
    {
        using BoxTransform transform = new(size, team, 2);
        using AlignedArray<Complex32> reference =
            ModelMap.Coefficients(model, DensityRecipe.Exact(size, voxel, model), transform);
        SoftEnvelope mask = new(model, transform, voxel);
        return FourierShellCorrelation.WithReference(
            (y, z, row) => map.AsSpan(size.Index(0, y, z), size.NX).CopyTo(row), reference, mask.Read, transform, voxel).Corrected;
    }
}
