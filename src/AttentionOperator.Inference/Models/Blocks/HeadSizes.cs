using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Models.Blocks;

internal static class HeadSizes
{
    public static int Divide(ConfigReader config, string sizeField, int size, string headsField, int heads) =>
        size % heads == 0 ? size / heads : throw config.Error(headsField, $"{heads} does not divide {sizeField} {size}");

    /// <summary>heads · size, within what a matrix can have.</summary>
    public static int Multiply(ConfigReader config, string field, int heads, int size) =>
        (long)heads * size <= ConfigReader.MaxInteger ? heads * size : throw config.Error(field, $"{heads} heads of {size} dimensions are above {ConfigReader.MaxInteger}");
}
