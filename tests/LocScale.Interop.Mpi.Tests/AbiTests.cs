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
        Assert.That(Abi.Mpich.CommWorld, Is.EqualTo(InHeader("MPI_COMM_WORLD")));
        Assert.That(Abi.Mpich.ErrorsReturn, Is.EqualTo(InHeader("MPI_ERRORS_RETURN")));
        Assert.That(Abi.Mpich.Byte, Is.EqualTo(InHeader("MPI_BYTE")));
    }

    [Test]
    public void Wildcards_of_the_MPICH_interface_are_those_of_its_header()
    {
        Assert.That(HeaderText(), Does.Match($@"#define MPI_ANY_SOURCE\s+\({Abi.Mpich.AnySource}\)"));
        Assert.That(HeaderText(), Does.Match($@"#define MPI_ANY_TAG\s+\({Abi.Mpich.AnyTag}\)"));
    }

    private static string HeaderText()
    {
        if (!File.Exists(Header))
            Assert.Ignore($"SKIPPED: {Header} is not on this machine; install the package libmpich-dev.");
        return File.ReadAllText(Header);
    }

    private static nint InHeader(string name)
    {
        Match match = Regex.Match(HeaderText(), $@"#define {name}\s+\(?\(MPI_\w+\)\s*\(?0x([0-9a-f]+)\)");
        Assert.That(match.Success, name);
        return nint.Parse(match.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
