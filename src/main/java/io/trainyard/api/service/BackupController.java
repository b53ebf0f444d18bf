package io.trainyard.api.service;

import com.fasterxml.jackson.annotation.JsonValue;
import io.trainyard.api.CallerValve;
import io.trainyard.api.MediaTypes;
import io.trainyard.backup.Backups;
import io.trainyard.error.ServiceException;
import io.trainyard.job.HeldJobs;
import io.trainyard.job.JobService;
import io.trainyard.spec.check.Warning;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Saves the whole installation, and fills an empty one. */
@RestController
record BackupController(Backups backups, JobService service, HeldJobs held) {
  private static final Logger log = LoggerFactory.getLogger(BackupController.class);
  private static final String ZIP = "application/zip";

  /**
   * What was restored.
   *
   * @param jobs what becomes of those that have not ended
   * @param warnings what does not go on here as it did where the backup was made
   */
  record Restored(
      Instant createdAt,
      Map<String, Long> rows,
      long files,
      long bytes,
      Jobs jobs,
      List<Warning> warnings) {}

  /** What becomes of restored jobs that have not ended. */
  enum Jobs {
    /** Workers take them at once. */
    QUEUED,
    /** They wait until they are resumed. */
    PAUSED;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * What was resumed.
   *
   * @param resumed the number of jobs
   */
  record Resumed(int resumed) {}

  @GetMapping(path = "/v1/backup", produces = ZIP)
  void backup(HttpServletRequest request, HttpServletResponse response) throws IOException {
    try (Backups.Snapshot snapshot = backups.snapshot()) {
      response.setContentType(ZIP);
      response.setHeader(
          HttpHeaders.CONTENT_DISPOSITION, MediaTypes.attachment("trainyard-backup.zip"));
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
  Restored restore(
      @RequestParam(name = "jobs", defaultValue = "queued") String jobs, HttpServletRequest request)
      throws IOException {
    Jobs wanted =
        Stream.of(Jobs.values())
            .filter(each -> each.word().equals(jobs))
            .findFirst()
            .orElseThrow(
                () ->
                    ServiceException.parameter(
                        "jobs must be queued or paused, was '" + jobs + "'"));
    Backups.Contents contents = backups.restore(request.getInputStream(), wanted == Jobs.PAUSED);
    return new Restored(
        contents.createdAt(),
        contents.rows(),
        contents.files(),
        contents.bytes(),
        wanted,
        warnings());
  }

  private List<Warning> warnings() {
    return service.waitingForPools().entrySet().stream()
        .map(
            why ->
                new Warning(
                    "/rows/jobs",
                    "pool_missing",
                    "Queued jobs only wait, %d of them. %s"
                        .formatted(why.getValue(), why.getKey())))
        .peek(warning -> log.warn("{}", warning.detail()))
        .toList();
  }

  /** Lets the jobs run that a restore has paused. */
  @PostMapping("/v1/jobs:resume")
  Resumed resume() {
    return new Resumed(held.resume());
  }
}
