package io.trainyard.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TaskFolderTest {
  @TempDir Path parent;

  private TaskFolder folder() throws IOException {
    return new TaskFolder(Files.createDirectory(parent.resolve("task")));
  }

  @Test
  void callerThatLeavesKeepsTheFolderOfARunningTask() throws IOException {
    TaskFolder folder = folder();
    try (TaskFolder used = folder.use()) {
      folder.close();
      Files.writeString(used.path().resolve("rows"), "written late");
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void callerThatStaysDeletesTheFolder() throws IOException {
    try (TaskFolder folder = folder()) {
      folder.use().close();
      assertThat(folder.path()).exists();
    }
    assertThat(parent).isEmptyDirectory();
  }

  @Test
  void taskThatStartsTooLateIsCancelled() throws IOException {
    TaskFolder folder = folder();
    folder.close();
    assertThatThrownBy(folder::use).isInstanceOf(CancellationException.class);
    assertThat(parent).isEmptyDirectory();
  }
}
