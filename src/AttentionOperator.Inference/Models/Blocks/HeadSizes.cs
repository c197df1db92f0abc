using AttentionOperator.Inference.Configuration;

namespace AttentionOperator.Inference.Models.Blocks;

internal static class HeadSizes
{
    public static int Divide(ConfigReader config, string sizeField, int size, string headsField, int heads) =>
        size % heads == 0 ? size / heads : throw config.Error(headsField, $"{heads} does not divide {sizeField} {size}");
}
