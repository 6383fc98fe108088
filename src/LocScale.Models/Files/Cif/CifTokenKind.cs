namespace LocScale.Models.Files.Cif;

/// <summary>The tokens of CIF 1.1.</summary>
internal enum CifTokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary><c>data_name</c>.</summary>
    DataHeading,

    /// <summary><c>save_name</c>, or <c>save_</c> alone, which ends a frame.</summary>
    SaveHeading,

    /// <summary><c>loop_</c>.</summary>
    Loop,

    /// <summary><c>global_</c> or <c>stop_</c>, which CIF reserves and does not use.</summary>
    Reserved,

    /// <summary><c>_name</c>.</summary>
    Tag,

    /// <summary>A value: bare, quoted or a text field.</summary>
    Value,
}
