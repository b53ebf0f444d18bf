package io.trainyard.api.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.trainyard.Http;
import io.trainyard.ServiceTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;

/** A backup is one archive; a service with data refuses to be filled. */
@ServiceTest
@Timeout(60)
class BackupHttpTest {
  @Autowired private Http http;

  @Test
  void backupHasTablesFilesAndAManifest() throws IOException {
    http.upload("saved", "a,b\n1,2\n");
    Http.Answer answer = http.get("/v1/backup").expect(200);
    assertThat(answer.contentType()).isEqualTo("application/zip");
    List<String> names = new ArrayList<>();
    try (var zip = new ZipInputStream(new ByteArrayInputStream(answer.bytes()))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        names.add(entry.getName());
      }
    }
    assertThat(names).startsWith("backup.json").endsWith("manifest.json");
    assertThat(names)
        .contains("tables/datasets.jsonl", "tables/model_versions.jsonl")
        .anyMatch(name -> name.matches("files/datasets/[0-9a-f]{64}\\.parquet"));
  }

  @Test
  void jobsArePausedOrQueuedByARestore() {
    http.post("/v1/restore?jobs=stopped", "application/zip", new byte[0])
        .expectProblem(400, "invalid_parameter");
    assertThat(http.post("/v1/jobs:resume", "").expect(200).text()).isEqualTo("{\"resumed\":0}");
  }

  @Test
  void onlyAnEmptyInstallationIsRestored() {
    http.upload("there", "a,b\n1,2\n");
    byte[] archive = http.get("/v1/backup").expect(200).bytes();
    http.post("/v1/restore", "application/zip", archive).expectProblem(409, "already_exists");
    http.post("/v1/restore", "application/octet-stream", archive)
        .expectProblem(409, "already_exists");
    http.post("/v1/restore", "text/plain", archive).expect(415);
  }
}
