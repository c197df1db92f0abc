using AttentionOperator.Sandbox.Discovery;
using AttentionOperator.Sandbox.Schema;
using k8s.Models;

namespace AttentionOperator.Sandbox.Builtins;

/// <summary>The built-in resources that the Sandbox serves.</summary>
internal static class BuiltinCatalog
{
    private static readonly ScaleDefinition WorkloadScale = new(".spec.replicas", ".status.replicas", ".spec.selector");

    public static IEnumerable<ResourceDefinition> All()
    {
        // group/version, type, plural, namespaced, short names; the letters: s status, c scale, g generation, a category all.
        yield return Define<V1Namespace>("", "v1", "namespaces", false, "s", ["ns"]);
        yield return Define<V1Pod>("", "v1", "pods", true, "sga", ["po"]);
        yield return Define<V1PodTemplate>("", "v1", "podtemplates", true, "");
        yield return Define<V1Service>("", "v1", "services", true, "sa", ["svc"]);
        yield return Define<V1ConfigMap>("", "v1", "configmaps", true, "", ["cm"]);
        yield return Define<V1Secret>("", "v1", "secrets", true, "");
        yield return Define<V1ServiceAccount>("", "v1", "serviceaccounts", true, "", ["sa"]);
        yield return Define<Corev1Event>("", "v1", "events", true, "", ["ev"]);
        yield return Define<V1Node>("", "v1", "nodes", false, "s", ["no"]);
        yield return Define<V1PersistentVolumeClaim>("", "v1", "persistentvolumeclaims", true, "s", ["pvc"]);
        yield return Define<V1PersistentVolume>("", "v1", "persistentvolumes", false, "s", ["pv"]);
        yield return Define<V1Endpoints>("", "v1", "endpoints", true, "", ["ep"]);
        yield return Define<V1LimitRange>("", "v1", "limitranges", true, "", ["limits"]);
        yield return Define<V1ResourceQuota>("", "v1", "resourcequotas", true, "s", ["quota"]);
        yield return Define<V1ReplicationController>("", "v1", "replicationcontrollers", true, "scga", ["rc"]);
        yield return Define<V1Deployment>("apps", "v1", "deployments", true, "scga", ["deploy"]);
        yield return Define<V1ReplicaSet>("apps", "v1", "replicasets", true, "scga", ["rs"]);
        yield return Define<V1StatefulSet>("apps", "v1", "statefulsets", true, "scga", ["sts"]);
        yield return Define<V1DaemonSet>("apps", "v1", "daemonsets", true, "sga", ["ds"]);
        yield return Define<V1ControllerRevision>("apps", "v1", "controllerrevisions", true, "");
        yield return Define<V1Job>("batch", "v1", "jobs", true, "sga");
        yield return Define<V1CronJob>("batch", "v1", "cronjobs", true, "sga", ["cj"]);
        yield return Define<V2HorizontalPodAutoscaler>("autoscaling", "v2", "horizontalpodautoscalers", true, "sa", ["hpa"]);
        yield return Define<V1PodDisruptionBudget>("policy", "v1", "poddisruptionbudgets", true, "sg", ["pdb"]);
        yield return Define<V1EndpointSlice>("discovery.k8s.io", "v1", "endpointslices", true, "g");
        yield return Define<V1Lease>("coordination.k8s.io", "v1", "leases", true, "");
        yield return Define<Eventsv1Event>("events.k8s.io", "v1", "events", true, "", ["ev"]) with { StorageGroup = "" };
        yield return Define<V1Role>("rbac.authorization.k8s.io", "v1", "roles", true, "");
        yield return Define<V1RoleBinding>("rbac.authorization.k8s.io", "v1", "rolebindings", true, "");
        yield return Define<V1ClusterRole>("rbac.authorization.k8s.io", "v1", "clusterroles", false, "");
        yield return Define<V1ClusterRoleBinding>("rbac.authorization.k8s.io", "v1", "clusterrolebindings", false, "");
        yield return Define<V1NetworkPolicy>("networking.k8s.io", "v1", "networkpolicies", true, "g", ["netpol"]);
        yield return Define<V1Ingress>("networking.k8s.io", "v1", "ingresses", true, "sg", ["ing"]);
        yield return Define<V1IngressClass>("networking.k8s.io", "v1", "ingressclasses", false, "g");
        yield return Define<V1PriorityClass>("scheduling.k8s.io", "v1", "priorityclasses", false, "g", ["pc"]);
        yield return Define<V1RuntimeClass>("node.k8s.io", "v1", "runtimeclasses", false, "");
        yield return Define<V1StorageClass>("storage.k8s.io", "v1", "storageclasses", false, "", ["sc"]);
        yield return Define<V1CustomResourceDefinition>("apiextensions.k8s.io", "v1", "customresourcedefinitions", false, "sg", ["crd", "crds"])
            with
        { Categories = ["api-extensions"] };
        yield return Define<V1APIService>("apiregistration.k8s.io", "v1", "apiservices", false, "s") with { Categories = ["api-extensions"] };
        yield return Define<V1MutatingWebhookConfiguration>("admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", false, "g")
            with
        { Categories = ["api-extensions"] };
        yield return Define<V1ValidatingWebhookConfiguration>("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", false, "g")
            with
        { Categories = ["api-extensions"] };
        yield return Define<Resourcev1ResourceClaim>("resource.k8s.io", "v1", "resourceclaims", true, "s");
        yield return Define<V1ResourceClaimTemplate>("resource.k8s.io", "v1", "resourceclaimtemplates", true, "");
        yield return Define<V1ResourceSlice>("resource.k8s.io", "v1", "resourceslices", false, "g");
        yield return Define<V1DeviceClass>("resource.k8s.io", "v1", "deviceclasses", false, "g");
        foreach (var review in Reviews()) yield return review;
    }

    private static IEnumerable<ResourceDefinition> Reviews()
    {
        yield return Review<V1SubjectAccessReview>("authorization.k8s.io", "subjectaccessreviews");
        yield return Review<V1SelfSubjectAccessReview>("authorization.k8s.io", "selfsubjectaccessreviews");
        yield return Review<V1SelfSubjectRulesReview>("authorization.k8s.io", "selfsubjectrulesreviews");
        yield return Review<V1LocalSubjectAccessReview>("authorization.k8s.io", "localsubjectaccessreviews") with { Namespaced = true };
        yield return Review<V1TokenReview>("authentication.k8s.io", "tokenreviews");
        yield return Review<V1SelfSubjectReview>("authentication.k8s.io", "selfsubjectreviews");
    }

    private static ResourceDefinition Review<T>(string group, string plural) =>
        Define<T>(group, "v1", plural, false, "") with { Verbs = ["create"] };

    private static ResourceDefinition Define<T>(string group, string version, string plural, bool namespaced, string traits, string[]? shortNames = null)
    {
        var kind = ReflectedSchemas.ShortName(typeof(T));
        return new ResourceDefinition
        {
            Group = group,
            Version = version,
            Plural = plural,
            Singular = kind.ToLowerInvariant(),
            Kind = kind,
            ListKind = kind + "List",
            Namespaced = namespaced,
            ShortNames = shortNames ?? [],
            Schema = ReflectedSchemas.Shared.Of(typeof(T)),
            HasStatus = traits.Contains('s', StringComparison.Ordinal),
            HasGeneration = traits.Contains('g', StringComparison.Ordinal),
            Scale = traits.Contains('c', StringComparison.Ordinal) ? WorkloadScale : null,
            Categories = traits.Contains('a', StringComparison.Ordinal) ? ["all"] : [],
            StorageGroup = group,
            SelectableFields = SelectableFields.Of(group, plural),
        };
    }
}
