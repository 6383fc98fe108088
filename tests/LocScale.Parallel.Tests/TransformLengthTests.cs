namespace LocScale.Parallel.Tests;

internal sealed class TransformLengthTests
{
    [TestCase(-1, 4)]
    [TestCase(0, 4)]
    [TestCase(5, 8)]
    [TestCase(128, 128)]
    [TestCase(129, 140)]
    [TestCase(147, 160)]
    [TestCase(487, 500)]
    public void A_length_is_the_next_multiple_of_four_that_is_fast(int least, int length) =>
        Assert.That(TransformLength.AtLeast(least), Is.EqualTo(length));

    [Test]
    public void No_length_is_passed_over()
    {
        HashSet<int> fast = [.. from a in Powers(2) from b in Powers(3) from c in Powers(5) from d in Powers(7) where a > 2 select a * b * c * d];
        for (int least = 1; least < 2000; least++)
            Assert.That(TransformLength.AtLeast(least), Is.EqualTo(fast.Where(length => length >= least).Min()), $"{least}");

        static IEnumerable<int> Powers(int prime)
        {
            for (int power = 1; power < 4000; power *= prime)
                yield return power;
        }
    }
}
