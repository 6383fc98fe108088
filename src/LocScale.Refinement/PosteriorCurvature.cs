using LocScale.Parallel;

namespace LocScale.Refinement;

/// <summary>
/// The curvature of −ln(likelihood · prior) in u = √B, a sparse symmetric matrix: the information of the data, and the
/// restraints λ(Σ w (uᵢ − uⱼ)² + ε Σ (uᵢ − ū)²)/2. Every rank has some of its rows.
/// </summary>
internal sealed class PosteriorCurvature
{
    /// <summary>ε: ties an atom without neighbours loosely to the mean, ten times looser than a bond.</summary>
    public const double Tie = 0.01;

    private readonly AtomNeighbors _neighbors;
    private readonly BlockedSums _blocks;
    private readonly float[] _values;
    private readonly double[] _diagonal, _information, _informationSlope, _restraintSums, _direction, _product, _residual, _conditioned;

    public PosteriorCurvature(RefinedAtoms atoms, ITeam team, int threads)
    {
        int count = atoms.Count;
        _blocks = new BlockedSums(count, team, threads);
        _neighbors = AtomNeighbors.Of(atoms, _blocks.First, _blocks.End, threads);
        _values = new float[_neighbors.Column.Length];
        (_diagonal, _restraintSums) = (new double[count], new double[count]);
        (_information, _informationSlope) = (new double[count], new double[count]);
        (_direction, _product, _residual, _conditioned) =
            (new double[count], new double[count], new double[count], new double[count]);
        for (int i = _blocks.First; i < _blocks.End; i++)
        {
            _restraintSums[i] = Tie;
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                _restraintSums[i] += _neighbors.Restraint[e];
        }
    }

    /// <summary>The matrix's diagonal, 1/Å².</summary>
    public ReadOnlySpan<double> Diagonal => _diagonal;

    /// <summary>What the data contribute to the diagonal, 1/Å².</summary>
    public ReadOnlySpan<double> Information => _information;

    /// <summary>Half the derivative of <see cref="Information"/> with respect to u, 1/Å³.</summary>
    public ReadOnlySpan<double> InformationSlope => _informationSlope;

    /// <summary>Sets the matrix up at the values u.</summary>
    /// <param name="u">√B, Å.</param>
    /// <param name="strength">How much each atom scatters.</param>
    /// <param name="table">The information of the data.</param>
    /// <param name="lambda">λ.</param>
    public void Set(double[] u, double[] strength, FisherTable table, double lambda)
    {
        _blocks.Each((first, end) => SetRows(u, strength, table, lambda, first, end));
        _blocks.Complete(_diagonal);
        _blocks.Complete(_information);
        _blocks.Complete(_informationSlope);
    }

    /// <summary>Solves for <paramref name="right"/> by preconditioned conjugate gradients; returns the solution.</summary>
    public double[] Solve(double[] right, double tolerance)
    {
        double[] solution = new double[right.Length];
        double goal = 0, old = 0;
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
        goal = tolerance * tolerance * start;
        old = start;
        for (int iteration = 0; iteration < 200 && old > goal; iteration++)
        {
            _blocks.Complete(_direction);
            double curvature = MultiplyRows(_direction, _product);
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

    /// <summary>The gradient of the restraints for λ = 1; returns their value, Σ w (uᵢ − uⱼ)² + ε Σ (uᵢ − ū)².</summary>
    public double Restraints(double[] u, double mean, double[] gradient)
    {
        double value = _blocks.Sum((first, end) =>
        {
            double sum = 0;
            for (int i = first; i < end; i++)
            {
                double slope = Tie * (u[i] - mean);
                sum += slope * (u[i] - mean);
                for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                {
                    double difference = u[i] - u[_neighbors.Column[e]];
                    slope += _neighbors.Restraint[e] * difference;
                    sum += 0.5 * _neighbors.Restraint[e] * difference * difference;
                }
                gradient[i] = slope;
            }
            return sum;
        });
        _blocks.Complete(gradient);
        return value;
    }

    /// <summary>Matrix times vector; returns vector · matrix · vector.</summary>
    public double Multiply(double[] vector, double[] product)
    {
        double value = MultiplyRows(vector, product);
        _blocks.Complete(product);
        return value;
    }

    private void SetRows(double[] u, double[] strength, FisherTable table, double lambda, int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            double slope = 2 * u[i] * strength[i], square = u[i] * u[i];
            _information[i] = slope * slope * table.At(2 * square, 0);
            _informationSlope[i] = (_information[i] / u[i]) + (slope * slope * 2 * u[i] * table.Slope(2 * square, 0));
            _diagonal[i] = _information[i] + (lambda * _restraintSums[i]);
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
            {
                int j = _neighbors.Column[e];
                double information = slope * 2 * u[j] * strength[j]
                    * table.At(square + (u[j] * u[j]), _neighbors.Distance[e]);
                _values[e] = (float)(information - (lambda * _neighbors.Restraint[e]));
            }
        }
    }

    // Only this rank's rows of the product.
    private double MultiplyRows(double[] vector, double[] product) => _blocks.Sum((first, end) =>
    {
        double sum = 0;
        for (int i = first; i < end; i++)
        {
            double row = _diagonal[i] * vector[i];
            for (int e = _neighbors.Start[i]; e < _neighbors.Start[i + 1]; e++)
                row += _values[e] * vector[_neighbors.Column[e]];
            product[i] = row;
            sum += row * vector[i];
        }
        return sum;
    });
}
