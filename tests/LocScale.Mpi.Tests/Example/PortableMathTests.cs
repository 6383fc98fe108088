using LocScale.Mpi.Example;

namespace LocScale.Mpi.Tests.Example;

public class PortableMathTests
{
    [Test]
    public void Exp_is_that_of_the_machine_to_the_last_bits()
    {
        for (double x = -700; x <= 700; x += 0.37)
            Assert.That(PortableMath.Exp(x) / Math.Exp(x), Is.EqualTo(1).Within(1e-15), $"{x}");
    }

    [Test]
    public void Log_is_that_of_the_machine_to_the_last_bits()
    {
        for (double x = 1e-300; x < 1e300; x *= 1.37)
            Assert.That(PortableMath.Log(x), Is.EqualTo(Math.Log(x)).Within(1e-15 * Math.Max(1, Math.Abs(Math.Log(x)))), $"{x}");
        for (double x = 0.5; x < 2; x += 0.00037)
            Assert.That(PortableMath.Log(x), Is.EqualTo(Math.Log(x)).Within(1e-15), $"{x}");
    }
}
