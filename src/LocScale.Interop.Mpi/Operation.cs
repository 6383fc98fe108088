namespace MPI;

/// <summary>How a reduction combines the values of the ranks, element by element.</summary>
public enum Operation
{
    /// <summary>The sum (<c>MPI_SUM</c>).</summary>
    Add,

    /// <summary>The product (<c>MPI_PROD</c>).</summary>
    Multiply,

    /// <summary>The smallest value (<c>MPI_MIN</c>).</summary>
    Min,

    /// <summary>The largest value (<c>MPI_MAX</c>).</summary>
    Max,

    /// <summary>1 where every value is non-zero, else 0; whole numbers only (<c>MPI_LAND</c>).</summary>
    LogicalAnd,

    /// <summary>1 where any value is non-zero, else 0; whole numbers only (<c>MPI_LOR</c>).</summary>
    LogicalOr,

    /// <summary>Bit by bit and; whole numbers only (<c>MPI_BAND</c>).</summary>
    BitwiseAnd,

    /// <summary>Bit by bit or; whole numbers only (<c>MPI_BOR</c>).</summary>
    BitwiseOr,

    /// <summary>Bit by bit exclusive or; whole numbers only (<c>MPI_BXOR</c>).</summary>
    ExclusiveOr,
}
