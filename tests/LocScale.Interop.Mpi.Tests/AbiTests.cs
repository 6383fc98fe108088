using System.Globalization;
using System.Text.RegularExpressions;
using MPI.Native;

namespace MPI.Tests;

/// <summary>The constants are those of the library's own header, where its development package is installed.</summary>
public sealed class AbiTests
{
    private const string Header = "/usr/include/x86_64-linux-gnu/mpich/mpi.h";

    [Test]
    public void Handles_of_the_MPICH_interface_are_those_of_its_header()
    {
        MpichAbi abi = new();
        Assert.That(abi.CommWorld, Is.EqualTo(InHeader("MPI_COMM_WORLD")));
        Assert.That(abi.CommSelf, Is.EqualTo(InHeader("MPI_COMM_SELF")));
        Assert.That(abi.ErrorsReturn, Is.EqualTo(InHeader("MPI_ERRORS_RETURN")));
        Assert.That(abi.Byte, Is.EqualTo(InHeader("MPI_BYTE")));
    }

    [TestCase("SByte", "MPI_SIGNED_CHAR")]
    [TestCase("Byte", "MPI_UNSIGNED_CHAR")]
    [TestCase("Int16", "MPI_SHORT")]
    [TestCase("UInt16", "MPI_UNSIGNED_SHORT")]
    [TestCase("Int32", "MPI_INT")]
    [TestCase("UInt32", "MPI_UNSIGNED")]
    [TestCase("Int64", "MPI_LONG_LONG_INT")]
    [TestCase("UInt64", "MPI_UNSIGNED_LONG_LONG")]
    [TestCase("Single", "MPI_FLOAT")]
    [TestCase("Double", "MPI_DOUBLE")]
    public void Datatypes_of_the_MPICH_interface_are_those_of_its_header(string type, string name) =>
        Assert.That(new MpichAbi().Datatype(Enum.Parse<ElementType>(type)), Is.EqualTo(InHeader(name)));

    [TestCase(Operation.Add, "MPI_SUM")]
    [TestCase(Operation.Multiply, "MPI_PROD")]
    [TestCase(Operation.Min, "MPI_MIN")]
    [TestCase(Operation.Max, "MPI_MAX")]
    [TestCase(Operation.LogicalAnd, "MPI_LAND")]
    [TestCase(Operation.LogicalOr, "MPI_LOR")]
    [TestCase(Operation.BitwiseAnd, "MPI_BAND")]
    [TestCase(Operation.BitwiseOr, "MPI_BOR")]
    [TestCase(Operation.ExclusiveOr, "MPI_BXOR")]
    public void Operations_of_the_MPICH_interface_are_those_of_its_header(Operation operation, string name) =>
        Assert.That(new MpichAbi().Handle(operation), Is.EqualTo(InHeader(name)));

    private static nint InHeader(string name)
    {
        if (!File.Exists(Header))
            Assert.Ignore($"SKIPPED: {Header} is not on this machine; install the package libmpich-dev.");
        Match match = Regex.Match(File.ReadAllText(Header), $@"#define {name}\s+\(?\(MPI_\w+\)\s*\(?0x([0-9a-f]+)\)");
        Assert.That(match.Success, name);
        return nint.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
