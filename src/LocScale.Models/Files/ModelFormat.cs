namespace LocScale.Models.Files;

/// <summary>How a model file is written.</summary>
public enum ModelFormat
{
    /// <summary>The column format of the Protein Data Bank, version 3.3 and its ancestors.</summary>
    Pdb,

    /// <summary>CIF 1.1 with the PDBx/mmCIF dictionary.</summary>
    MmCif,
}
