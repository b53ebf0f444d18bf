package io.trainyard.api.backup;

import io.trainyard.api.CallerValve;
import io.trainyard.backup.Backups;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Saves the whole installation, and fills an empty one. */
@RestController
class BackupController {
  private static final Logger log = LoggerFactory.getLogger(BackupController.class);
  private static final String ZIP = "application/zip";

  private final Backups backups;

  BackupController(Backups backups) {
    this.backups = backups;
  }

  /** What was restored. */
  record Restored(Instant createdAt, Map<String, Long> rows, long files, long bytes) {}

  @GetMapping(path = "/v1/backup", produces = ZIP)
  void backup(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try (Backups.Snapshot snapshot = backups.snapshot()) {
      response.setContentType(ZIP);
      response.setHeader(
          HttpHeaders.CONTENT_DISPOSITION,
          ContentDisposition.attachment().filename("trainyard-backup.zip").build().toString());
      snapshot.writeTo(response.getOutputStream());
    } catch (IOException | RuntimeException e) {
      if (response.isCommitted()) {
        log.warn("A backup broke off: {}", e.toString());
        CallerValve.breakOff(request);
      }
      throw e;
    }
  }

  @PostMapping(
      path = "/v1/restore",
      consumes = {ZIP, "application/octet-stream"})
  Restored restore(HttpServletRequest request) throws IOException {
    Backups.Contents contents = backups.restore(request.getInputStream());
    return new Restored(contents.createdAt(), contents.rows(), contents.files(), contents.bytes());
  }
}
