using LocScale.Models.Atoms;
using LocScale.Parallel;
using MathNet.Numerics.Random;

namespace LocScale.Refinement;

/// <summary>
/// The curvature M of −ln(likelihood · prior) in u = √B, a sparse symmetric matrix: the information of the data plus
/// λ times the curvature of the <see cref="Restraints"/>. Every rank has some of its rows.
/// </summary>
internal sealed class PosteriorCurvature
{
    private readonly AtomNeighbors _neighbors;
    private readonly BlockedSums _blocks;
    private readonly float[] _offDiagonal;
    private readonly double[] _diagonal, _information, _informationSlope;
    private readonly double[] _direction, _product, _residual, _conditioned;

    public PosteriorCurvature(RefinedAtoms atoms, ITeam team, int threads)
    {
        int count = atoms.Count;
        _blocks = new BlockedSums(count, team, threads);
        _neighbors = AtomNeighbors.Of(atoms, _blocks.First, _blocks.End, threads);
        Restraints = new Restraints(_neighbors, _blocks, count);
        _offDiagonal = new float[_neighbors.Column.Length];
        (_diagonal, _information, _informationSlope) = (new double[count], new double[count], new double[count]);
        (_direction, _product, _residual, _conditioned) =
            (new double[count], new double[count], new double[count], new double[count]);
    }

    /// <summary>The restraints between the atoms.</summary>
    public Restraints Restraints { get; }

    /// <summary>The matrix's diagonal, 1/Å².</summary>
    public ReadOnlySpan<double> Diagonal => _diagonal;

    /// <summary>What the data contribute to the diagonal, 1/Å².</summary>
    public ReadOnlySpan<double> Information => _information;

    /// <summary>Half the derivative of <see cref="Information"/> with respect to u, 1/Å³.</summary>
    public ReadOnlySpan<double> InformationSlope => _informationSlope;

    /// <summary>Sets the matrix up at the values u.</summary>
    /// <param name="rootB">u, Å.</param>
    /// <param name="strength">How much each atom scatters, by the measure of <see cref="FisherTable.Strength"/>.</param>
    /// <param name="table">The information of the data.</param>
    /// <param name="lambda">λ.</param>
    public void Set(double[] rootB, double[] strength, FisherTable table, double lambda)
    {
        _blocks.Each((first, end) => SetRows(rootB, strength, table, lambda, first, end));
        _blocks.Complete(_diagonal);
        _blocks.Complete(_information);
        _blocks.Complete(_informationSlope);
    }

    /// <summary>Σ of what the data would contribute to the diagonal, 1/Å², at other values u.</summary>
    /// <param name="rootB">u, Å.</param>
    /// <param name="strength">As for <see cref="Set"/>.</param>
    /// <param name="table">As for <see cref="Set"/>.</param>
    public double TotalInformation(double[] rootB, double[] strength, FisherTable table) => _blocks.Sum((first, end) =>
    {
        double sum = 0;
        for (int i = first; i < end; i++)
        {
            double slope = 2 * rootB[i] * strength[i];
            sum += slope * slope * table.At(2 * rootB[i] * rootB[i], 0);
        }
        return sum;
    });

    /// <summary>
    /// Solves M x = <paramref name="right"/> by conjugate gradients, preconditioned by the diagonal, until the residual is
    /// <paramref name="tolerance"/> times that of x = 0; returns x on all ranks.
    /// </summary>
    public double[] Solve(double[] right, double tolerance)
    {
        double[] solution = new double[right.Length];
        double start = _blocks.Sum((first, end) =>
        {
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                _residual[i] = right[i];
                _direction[i] = right[i] / _diagonal[i];
                sum += _residual[i] * _direction[i];
            }
            return sum;
        });
        double goal = tolerance * tolerance * start, old = start;
        for (int iteration = 0; iteration < 200 && old > goal; iteration++)
        {
            _blocks.Complete(_direction);
            double curvature = Multiply(_direction, _product);
            // The tabulated pairs end at a distance, so that the matrix may fail to be positive by a hair.
            if (!(curvature > 0))
                break;
            double length = old / curvature;
            double next = _blocks.Sum((first, end) =>
            {
                double sum = 0;
                for (int i = first; i < end; i++)
                {
                    solution[i] += length * _direction[i];
                    _residual[i] -= length * _product[i];
                    _conditioned[i] = _residual[i] / _diagonal[i];
                    sum += _residual[i] * _conditioned[i];
                }
                return sum;
            });
            double ratio = next / old;
            _blocks.Each((first, end) =>
            {
                for (int i = first; i < end; i++)
                    _direction[i] = _conditioned[i] + (ratio * _direction[i]);
            });
            old = next;
        }
        _blocks.Complete(solution);
        return solution;
    }

    /// <summary>Matrix times vector, for this rank's rows alone; returns vector · matrix · vector on all ranks.</summary>
    public double Multiply(double[] vector, double[] product) => _blocks.Sum((first, end) =>
    {
        double sum = 0;
        for (int i = first; i < end; i++)
        {
            double row = _diagonal[i] * vector[i];
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                row += _offDiagonal[e] * vector[_neighbors.Column[e]];
            product[i] = row;
            sum += row * vector[i];
        }
        return sum;
    });

    private void SetRows(double[] rootB, double[] strength, FisherTable table, double lambda, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            double slope = 2 * rootB[i] * strength[i], square = rootB[i] * rootB[i];
            _information[i] = slope * slope * table.At(2 * square, 0);
            _informationSlope[i] = (_information[i] / rootB[i]) + (slope * slope * 2 * rootB[i] * table.Slope(2 * square, 0));
            _diagonal[i] = _information[i] + (lambda * Restraints.Curvature[i]);
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
            {
                int j = _neighbors.Column[e];
                double information = slope * 2 * rootB[j] * strength[j]
                    * table.At(square + (rootB[j] * rootB[j]), _neighbors.Distance[e]);
                _offDiagonal[e] = (float)(information - (lambda * _neighbors.Restraint[e]));
            }
        }
    }
}

/// <summary>
/// How far the B-factors may lie from their most probable values, and what follows from it for their means. Traces of
/// M⁻¹, the inverse posterior curvature, are estimated with random signs (Hutchinson 1990), the same in every run.
/// </summary>
/// <param name="DeterminedParameters">
/// γ, how many parameters the data determine (MacKay 1992): n − tr(M⁻¹ λR), R the curvature of the restraints for λ = 1.
/// </param>
/// <param name="RootVariances">The variance of each √B, Å².</param>
/// <param name="VolumePenaltySlope">
/// ½ ∂ ln |M| / ∂√B for all atoms moving together, 1/Å: the more the data tell at some level of B, the smaller the
/// posterior's volume there, so that its highest point is not where most of it lies.
/// </param>
internal sealed record PosteriorSpread(double DeterminedParameters, double[] RootVariances, double[] VolumePenaltySlope)
{
    private const int Probes = 4, Seed = 1;

    /// <summary>The spread before anything is known of it.</summary>
    public static PosteriorSpread None(int count) => new(0, new double[count], new double[count]);

    /// <summary>Estimates the spread.</summary>
    /// <param name="curvature">M.</param>
    /// <param name="lambda">λ.</param>
    /// <param name="count">n.</param>
    public static PosteriorSpread Of(PosteriorCurvature curvature, double lambda, int count)
    {
        double[] signs = new double[count], restrained = new double[count];
        double trace = 0, undetermined = 0;
        // Its integers are the same on every machine.
        MersenneTwister random = new(Seed, threadSafe: false);
        for (int probe = 0; probe < Probes; probe++)
        {
            for (int i = 0; i < count; i++)
                signs[i] = random.Next(2) == 0 ? 1 : -1;
            curvature.Restraints.Evaluate(signs, 0, restrained);
            double[] solution = curvature.Solve(signs, 0.01);
            for (int i = 0; i < count; i++)
            {
                trace += signs[i] * solution[i] / Probes;
                undetermined += lambda * restrained[i] * solution[i] / Probes;
            }
        }
        double determined = Math.Max(1, count - undetermined), inverses = 0, information = 0;
        for (int i = 0; i < count; i++)
        {
            inverses += 1 / curvature.Diagonal[i];
            information += curvature.Information[i];
        }
        // Estimates of single elements would be noisy: the trace is shared out in proportion to 1/Mᵢᵢ, and γ in
        // proportion to the information.
        double[] variances = new double[count], slope = new double[count];
        for (int i = 0; i < count; i++)
        {
            variances[i] = trace / (inverses * curvature.Diagonal[i]);
            slope[i] = determined * curvature.InformationSlope[i] / information;
        }
        return new PosteriorSpread(determined, variances, slope);
    }
}

/// <summary>
/// The information that the data hold about pairs of B-factors (Steiner et al. 2003, Acta Cryst. D59, 2114–2124):
/// −∂²ln L/∂Bᵢ∂Bⱼ = k²/v ∫ 4π s² w(s) fᵢ fⱼ (s²/4)² exp(−(Bᵢ+Bⱼ) s²/4) sinc(2 s r) ds, v the voxel's volume, tabulated
/// over distance and the sum of B. All elements share the form factor of carbon, scaled to their own at a frequency that
/// tells much of B. (At s = 0 the outermost electrons of metals such as potassium and calcium would count, which scatter
/// nowhere else.)
/// </summary>
internal sealed class FisherTable
{
    private const int DistanceSteps = 40, BSteps = 64, FrequencySteps = 200;
    private const double TellingFrequency = 0.25;
    private const double LowestSum = 2, HighestSum = 2000;
    private readonly float[] _values = new float[(BSteps + 1) * (DistanceSteps + 2)];
    private readonly double _logLow = Math.Log(LowestSum);
    private readonly double _perLog = BSteps / Math.Log(HighestSum / LowestSum);

    /// <param name="weight">w(s), s in 1/Å.</param>
    /// <param name="end">Where w ends, 1/Å.</param>
    /// <param name="scale">k.</param>
    /// <param name="voxelVolume">v, Å³.</param>
    public FisherTable(Func<double, double> weight, double end, double scale, double voxelVolume)
    {
        ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? carbon);
        double step = end / FrequencySteps;
        for (int f = 0; f < FrequencySteps; f++)
        {
            double s = (f + 0.5) * step, quarter = s * s / 4, form = carbon!.At(s) / carbon.At(0);
            double common = scale * scale / voxelVolume * 4 * Math.PI * s * s * weight(s) * form * form * quarter * quarter
                * step;
            for (int b = 0; b <= BSteps; b++)
            {
                double atB = common * Math.Exp(-Math.Exp(_logLow + (b / _perLog)) * quarter);
                for (int r = 0; r <= DistanceSteps; r++)
                {
                    // The wave between the atoms, and a taper that ends the reach of pairs and leaves the matrix positive
                    // definite (Askey 1973: in space (1 − r/R)² is, 1 − r/R is not).
                    double x = 2 * Math.PI * s * r * AtomNeighbors.Range / DistanceSteps;
                    double wave = x > 1e-6 ? Math.Sin(x) / x : 1, left = 1 - ((double)r / DistanceSteps);
                    _values[(b * (DistanceSteps + 2)) + r] += (float)(atB * wave * left * left);
                }
            }
        }
    }

    /// <summary>How much an atom scatters, were its form that of carbon: f(0) of such an atom.</summary>
    public static double Strength(ElectronFormFactor formFactor)
    {
        ElectronFormFactors.TryGet(Element.Carbon, out ElectronFormFactor? carbon);
        return carbon!.At(0) * formFactor.At(TellingFrequency) / carbon.At(TellingFrequency);
    }

    /// <summary>The information for unit strengths.</summary>
    public double At(double sumOfB, double distance)
    {
        double b = Math.Clamp((Math.Log(sumOfB) - _logLow) * _perLog, 0, BSteps - 0.001);
        double r = Math.Min(distance * DistanceSteps / AtomNeighbors.Range, DistanceSteps);
        int ib = (int)b, ir = (int)r;
        double fb = b - ib, fr = r - ir;
        int low = (ib * (DistanceSteps + 2)) + ir, high = low + DistanceSteps + 2;
        return ((1 - fb) * (((1 - fr) * _values[low]) + (fr * _values[low + 1])))
            + (fb * (((1 - fr) * _values[high]) + (fr * _values[high + 1])));
    }

    /// <summary>The derivative of the information with respect to the sum of B.</summary>
    public double Slope(double sumOfB, double distance) =>
        (At(1.05 * sumOfB, distance) - At(0.95 * sumOfB, distance)) / (0.1 * sumOfB);
}
