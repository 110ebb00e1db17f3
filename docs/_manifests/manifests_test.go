// Package manifests checks the manifests of docs/cluster.md against the types of
// Kubernetes' own API. It is a module of its own, which keeps those out of ours.
package manifests

import (
	"os"
	"regexp"
	"testing"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// TestManifests: each manifest has fields that its kind has, each once, with values
// of their types; the parts of the job are those that its command names.
func TestManifests(t *testing.T) {
	doc, err := os.ReadFile("../cluster.md")
	if err != nil {
		t.Fatal(err)
	}
	claims, mounted, seen := map[string]bool{}, []string{}, map[string]int{}
	for _, m := range regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindAllSubmatch(doc, -1) {
		var kind meta.TypeMeta
		if err := yaml.Unmarshal(m[1], &kind); err != nil {
			t.Errorf("%v in\n%s", err, m[1])
			continue
		}
		read := func(into any) {
			t.Helper()
			if err := yaml.UnmarshalStrict(m[1], into); err != nil {
				t.Errorf("%s: %v", kind.Kind, err)
			}
		}
		var pod core.PodSpec
		seen[kind.APIVersion+" "+kind.Kind]++
		switch kind.Kind {
		case "PersistentVolumeClaim":
			var c core.PersistentVolumeClaim
			read(&c)
			claims[c.Name] = true
		case "Pod":
			var p core.Pod
			read(&p)
			pod = p.Spec
		case "Job":
			var j batch.Job
			read(&j)
			pod = j.Spec.Template.Spec
			if j.Spec.CompletionMode == nil || *j.Spec.CompletionMode != batch.IndexedCompletion || j.Spec.Completions == nil || *j.Spec.Completions != 8 || j.Spec.BackoffLimitPerIndex == nil {
				t.Errorf("got %+v, want an indexed job with 8 completions and a limit for each", j.Spec)
			}
		case "": // a workflow of GitHub Actions
			var workflow map[string]any
			read(&workflow)
			continue
		}
		for _, v := range pod.Volumes {
			mounted = append(mounted, v.PersistentVolumeClaim.ClaimName)
		}
		for _, c := range pod.Containers {
			for _, v := range c.VolumeMounts {
				if len(pod.Volumes) != 1 || v.Name != pod.Volumes[0].Name {
					t.Errorf("%s: no volume %s", kind.Kind, v.Name)
				}
			}
		}
	}
	for kind, want := range map[string]int{"v1 PersistentVolumeClaim": 1, "v1 Pod": 1, "batch/v1 Job": 1, " ": 1} {
		if seen[kind] != want {
			t.Errorf("got %d of %q, want %d", seen[kind], kind, want)
		}
	}
	for _, name := range mounted {
		if !claims[name] {
			t.Errorf("no claim %s", name)
		}
	}
	if len(mounted) != 2 {
		t.Errorf("got %d volumes, want 2", len(mounted))
	}
}
