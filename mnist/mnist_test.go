package mnist

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// threeImages is a set whose every image is filled with its own number.
func threeImages() Set {
	return Set{Pixels: testImages(3), Labels: []uint8{4, 0, 9}}
}

func TestHead(t *testing.T) {
	s := threeImages()
	for _, row := range []struct {
		name    string
		n, want int
	}{
		{"some", 2, 2},
		{"all", 3, 3},
		{"more than there are", 4, 3},
		{"zero is all", 0, 3},
		{"negative is all", -1, 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := s.Head(row.n)
			want := Set{Pixels: testImages(row.want), Labels: []uint8{4, 0, 9}[:row.want]}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Head(%d) of 3 images (-want +got):\n%s", row.n, diff)
			}
			if got.Len() != row.want {
				t.Errorf("Head(%d).Len(): got %d, want %d", row.n, got.Len(), row.want)
			}
		})
	}
	if n := (Set{}).Head(5).Len(); n != 0 {
		t.Errorf("Head(5) of the empty set: got %d images, want 0", n)
	}
}

func TestHeadSharesMemory(t *testing.T) {
	s := threeImages()
	head := s.Head(1)
	head.Pixels[0], head.Labels[0] = 77, 7
	if s.Pixels[0] != 77 || s.Labels[0] != 7 {
		t.Errorf("written through Head: got pixel %d, label %d, want 77, 7", s.Pixels[0], s.Labels[0])
	}
}

func TestHeadAppendLeavesSetAlone(t *testing.T) {
	s := threeImages()
	head := s.Head(1)
	_ = append(head.Pixels, 77)
	_ = append(head.Labels, 7)
	if diff := cmp.Diff(threeImages(), s); diff != "" {
		t.Errorf("set after an append to Head(1) (-want +got):\n%s", diff)
	}
}
