using LocScale.Mpi.CommandLine;

namespace LocScale.Mpi.Tests.CommandLine;

/// <summary>What cannot be used is refused in one sentence that names it.</summary>
public class RefusalTests
{
    private const string Job = ReadArguments.Job;

    private static IEnumerable<string> RefusedSpellings() =>
        LocScaleFlags.Refused.SelectMany(flag => flag.Spellings);

    [TestCaseSource(nameof(RefusedSpellings))]
    public void A_LocScale_flag_that_makes_no_sense_here_is_named_and_refused(string spelling)
    {
        string sentence = ReadArguments.Refusal($"{Job} {spelling} 1");
        Assert.That(sentence, Does.StartWith(spelling + " ").And.EndsWith("."));
        Assert.That(sentence, Does.Not.Contain(". "), "one sentence");
    }

    [TestCase("-mc_it 15", "-mc_it belongs to LocScale's neural network, which this program does not have; leave it out.")]
    [TestCase("--complete_model", "--complete_model completes an atomic model; give one with -mc, or leave it out.")]
    [TestCase("-wn", "-wn needs a value: -wn VOXELS.")]
    [TestCase("-wn -v", "-wn needs a value: -wn VOXELS.")]
    [TestCase("-wn 3", "-wn needs a whole number of 4 or more, not '3'.")]
    [TestCase("-wn -8", "-wn needs a whole number of 4 or more, not '-8'.")]
    [TestCase("-wn 20.5", "-wn needs a whole number of 4 or more, not '20.5'.")]
    [TestCase("-wn many", "-wn needs a whole number of 4 or more, not 'many'.")]
    [TestCase("-wn 99999999999", "-wn needs a whole number of 4 or more, not '99999999999'.")]
    [TestCase("-np 0", "-np needs a whole number of 1 or more, not '0'.")]
    [TestCase("-ref_it 0", "-ref_it needs a whole number of 1 or more, not '0'.")]
    [TestCase("-p 1,2", "-p needs a number such as 1.2, not '1,2'.")]
    [TestCase("-p 1,000", "-p needs a number such as 1.2, not '1,000'.")]
    [TestCase("-wn 1,000", "-wn needs a whole number of 4 or more, not '1,000'.")]
    [TestCase("-np 100000", "-np takes 1024 at most, not '100000'.")]
    [TestCase("-p NaN", "-p needs a number such as 1.2, not 'NaN'.")]
    [TestCase("-p 1e999", "-p needs a number such as 1.2, not '1e999'.")]
    [TestCase("-p 0", "-p needs a number above 0, not '0'.")]
    [TestCase("-p -1.2", "-p needs a number above 0, not '-1.2'.")]
    [TestCase("-res best", "-res needs a number such as 1.2, not 'best'.")]
    [TestCase("-fdr 1", "-fdr needs a number between 0 and 1, not '1'.")]
    [TestCase("-sym C0", "-sym needs a point group C<n>, D<n>, T, O or I, such as C4, not 'C0'.")]
    [TestCase("-sym 4", "-sym needs a point group C<n>, D<n>, T, O or I, such as C4, not '4'.")]
    [TestCase("--helical_axis w", "--helical_axis needs one of the axes x, y and z, not 'w'.")]
    [TestCase("--helical_axis 0", "--helical_axis needs one of the axes x, y and z, not '0'.")]
    [TestCase("--helical_axis x,y", "--helical_axis needs one of the axes x, y and z, not 'x,y'.")]
    [TestCase("--helical_axis x", "A helix needs both --helical_rise and --helical_twist; give the one that is missing.")]
    [TestCase("--helical_twist inf", "--helical_twist needs a number such as 1.2, not 'inf'.")]
    [TestCase("--helical_rise 1.4", "A helix needs both --helical_rise and --helical_twist; give the one that is missing.")]
    [TestCase("--compat locscale1", "--compat knows locscale2 only, not 'locscale1'.")]
    [TestCase("--compat none", "--compat knows locscale2 only, not 'none'.")]
    [TestCase("-v=1", "-v takes no value, but '1' was given; leave it out.")]
    [TestCase("--verbose yes", "'yes' follows no flag that takes it; see --help for the flags and their values.")]
    [TestCase("-hm a.mrc b.mrc", "-em and -hm cannot both be given; give the unsharpened map or the two half maps.")]
    [TestCase("-mc b.pdb", "-mm and -mc cannot both be given; give the model map or the atomic model.")]
    [TestCase("--noise_weights maybe", "--noise_weights needs on or off, not 'maybe'.")]
    [TestCase("--noise_weights on", "--noise_weights on needs half maps, which alone tell noise from signal around each place; give them with -hm, or leave it out.")]
    [TestCase("--no_reference", "--no_reference sharpens without a model; leave it out, or -mc and -mm.")]
    [TestCase("--set_local_bfactor 10", "--set_local_bfactor is the B-factor of --no_reference; give both, or leave it out.")]
    [TestCase("--half_maps", "--half_maps needs half maps to sharpen; give them with -hm, or leave it out.")]
    [TestCase("--local_resolution", "--local_resolution needs half maps, whose agreement it tells; give them with -hm, or leave it out.")]
    [TestCase("--match_amplitudes maybe", "--match_amplitudes needs on or off, not 'maybe'.")]
    [TestCase("--match_amplitudes on --compat locscale2", "--match_amplitudes on does what LocScale 2 does not, and cannot be given with --compat locscale2; leave one of them out.")]
    public void A_flag_beside_a_whole_job_is_refused(string flags, string sentence) =>
        Assert.That(ReadArguments.Refusal($"{Job} {flags}"), Is.EqualTo(sentence));

    [TestCase("-v", "No map is given; give the two half maps with -hm or the unsharpened map with -em (--help all lists all flags).")]
    [TestCase("-em a.mrc --compat locscale2", "No reference is given: with --compat locscale2, give an atomic model with -mc, a model map with -mm, or --no_reference.")]
    [TestCase("-em a.mrc --no_reference --compat locscale2", "--no_reference with --compat locscale2 needs the resolution of the map; give it with -res, or the half maps with -hm.")]
    [TestCase("-em a.mrc --no_reference --set_local_bfactor -1", "--set_local_bfactor needs a number of 0 or more, not -1.")]
    [TestCase("-em a.mrc --complete_model", "--complete_model completes an atomic model; give one with -mc, or leave it out.")]
    [TestCase("-hm a.mrc -mm b.mrc", "-hm needs 2 values: -hm FILE FILE.")]
    [TestCase("-hm a.mrc b.mrc c.mrc -mm d.mrc", "'c.mrc' follows no flag that takes it; see --help for the flags and their values.")]
    [TestCase("-hm a.mrc ./a.mrc -mm b.mrc", "-hm names the file 'a.mrc' twice; give the two half maps.")]
    [TestCase("feature_enhance -em a.mrc", "'feature_enhance' asks for LocScale's neural network, which this program does not have; leave it out and give a reference with -mm or -mc.")]
    [TestCase("test", "'test' runs LocScale's own tests, which this program does not have; leave it out.")]
    [TestCase("example", "The example needs one folder to write to: locscale-mpi example FOLDER.")]
    [TestCase("example a b", "The example needs one folder to write to: locscale-mpi example FOLDER.")]
    public void A_line_that_is_no_job_is_refused(string line, string sentence) =>
        Assert.That(ReadArguments.Refusal(line), Is.EqualTo(sentence));

    [TestCase("-mask", "--mask")]
    [TestCase("--hm", "-hm")]
    [TestCase("-HM", "-hm")]
    [TestCase("-hn", "-hm")]
    [TestCase("--halfmap_path", "--halfmap_paths")]
    [TestCase("--half-map-paths", "--halfmap_paths")]
    [TestCase("--window-size", "--window_size")]
    [TestCase("--windowsize", "--window_size")]
    [TestCase("--widnow_size", "--window_size")]
    [TestCase("--model_cordinates", "--model_coordinates")]
    [TestCase("--model", "--model_map")]
    [TestCase("--out", "--outfile")]
    [TestCase("--ref_resolutoin", "--ref_resolution")]
    [TestCase("--verbos", "--verbose")]
    [TestCase("-mp", "-mpi")]
    [TestCase("--hlep", "--help")]
    public void A_misspelt_flag_gets_the_nearest_as_suggestion(string misspelt, string meant) =>
        Assert.That(ReadArguments.Refusal($"{Job} {misspelt} 1"), Is.EqualTo($"There is no flag '{misspelt}'; did you mean '{meant}'?"));

    [TestCase("--frobnicate")]
    [TestCase("-xyz")]
    public void A_flag_that_is_near_to_none_gets_no_suggestion(string unknown) =>
        Assert.That(ReadArguments.Refusal($"{Job} {unknown}"), Is.EqualTo($"There is no flag '{unknown}'; see --help for the flags there are."));
}
