using k8s.Models;

namespace AttentionOperator.Tests.Manifests;

/// <summary>What Kubernetes' restricted Pod Security profile asks for, as far as our pods have it.</summary>
internal static class RestrictedProfile
{
    public static void Check(V1PodSpec pod)
    {
        Assert.True(pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
        Assert.NotEqual(0, pod.SecurityContext.RunAsUser);
        Assert.NotEqual(true, pod.HostNetwork);
        Assert.All(pod.Containers, container =>
        {
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.NotEqual(true, container.SecurityContext.Privileged);
        });
        Assert.All(pod.Volumes, volume => Assert.True(volume.ConfigMap is not null || volume.EmptyDir is not null || volume.PersistentVolumeClaim is not null, volume.Name));
    }
}
