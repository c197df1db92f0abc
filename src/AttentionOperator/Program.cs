using AttentionOperator.Api.Schema;
using AttentionOperator.Api.V1Alpha1;

if (args is ["crd"])
{
    Console.Write(CrdGenerator.GenerateYaml(XmlDocumentation.Beside(typeof(AttentionModel).Assembly)));
    return 0;
}

return 0;
