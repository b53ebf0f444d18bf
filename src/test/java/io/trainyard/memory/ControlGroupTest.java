package io.trainyard.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControlGroupTest {
  @TempDir Path root;

  private void file(String name, String content) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  @Test
  void aContainerOfVersion2HasItsFilesAtTheMount() throws IOException {
    file("proc/self/cgroup", "0::/\n");
    file("sys/fs/cgroup/memory.max", "2147483648\n");
    file("sys/fs/cgroup/memory.events", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\n");

    ControlGroup group = ControlGroup.under(root);

    assertThat(group.limit()).hasValue(2L << 30);
    assertThat(group.kills()).isEqualTo(2);
  }

  @Test
  void theSmallestLimitOfTheGroupsAboveCounts() throws IOException {
    file("proc/self/cgroup", "0::/system.slice/trainyard.service\n");
    file("sys/fs/cgroup/system.slice/memory.max", "1000\n");
    file("sys/fs/cgroup/system.slice/trainyard.service/memory.max", "max\n");

    assertThat(ControlGroup.under(root).limit()).hasValue(1000);
  }

  @Test
  void version1HasOtherNames() throws IOException {
    file("proc/self/cgroup", "5:cpu,cpuacct:/other\n4:memory:/docker/abc\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    file("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "5000\n");
    file("sys/fs/cgroup/memory/docker/abc/memory.oom_control", "under_oom 0\noom_kill 1\n");

    ControlGroup group = ControlGroup.under(root);

    assertThat(group.limit()).hasValue(5000);
    assertThat(group.kills()).isEqualTo(1);
  }

  @Test
  void aPathOfTheHostIsReadAtTheMountInsideAContainer() throws IOException {
    file("proc/self/cgroup", "4:memory:/docker/abc\n");
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n");

    assertThat(ControlGroup.under(root).limit()).hasValue(5000);
  }

  @Test
  void withoutGroupsThereIsNoLimit() throws IOException {
    assertThat(ControlGroup.under(root).limit()).isEmpty();
    assertThat(ControlGroup.under(root).kills()).isZero();
    file("sys/fs/cgroup/memory.max", "max\n");
    assertThat(ControlGroup.under(root).limit()).isEmpty();
  }
}
