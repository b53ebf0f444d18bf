package io.trainyard.api.job;

import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobService;
import io.trainyard.job.Task;
import io.trainyard.label.Placed;
import io.trainyard.model.Precondition;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Submits, shows, cancels and deletes jobs. */
@RestController
@RequestMapping("/v1/jobs")
record JobController(
    JobService jobs,
    JobLabels labels,
    JobRetries retries,
    WaitReasons waitReasons,
    JobWaits waits,
    JsonMapper mapper,
    HttpProperties properties) {
  @TakesIdempotencyKey(creates = Created.Kind.JOB)
  @PostMapping
  ResponseEntity<JobView> submit(@RequestBody JsonNode body) {
    Job job = jobs.submit(body);
    return ResponseEntity.accepted().location(URI.create("/v1/jobs/" + job.id())).body(view(job));
  }

  @GetMapping
  JobList list(@RequestParam(required = false) @Nullable String sweep, JobQuery query) {
    JobFilter filter = query.ofSweep(sweep);
    Page.Slice<Placed<Job>> slice =
        query
            .page()
            .fill(
                part -> jobs.page(filter.before(part.after()), part.limit()),
                Placed::cursor,
                placed -> JobView.bytes(placed.item()),
                properties.maxPage().toBytes());
    List<Job> found = slice.map(Placed::item);
    Map<String, Integer> positions = jobs.queuePositions(found);
    Map<String, String> reasons = waitReasons.of(found, positions);
    Set<String> releasing = jobs.releasing(found);
    return new JobList(
        found.stream()
            .map(
                job ->
                    JobView.of(
                        job,
                        positions.getOrDefault(job.id(), 0),
                        releasing.contains(job.id()),
                        reasons.get(job.id())))
            .toList(),
        slice.nextPageToken());
  }

  /**
   * Shows a job.
   *
   * @param wait answers when the job has ended, or after this many seconds
   */
  @GetMapping("/{job}")
  ResponseEntity<JobView> read(
      @PathVariable String job, @RequestParam(required = false) @Nullable Integer wait) {
    if (wait != null) {
      waits.await(job, wait);
    }
    Job found = jobs.find(job);
    JobView answer = view(found);
    return ResponseEntity.ok().eTag(tag(found, answer).header()).body(answer);
  }

  /** The model as it was when the job was submitted; the one of its name may have changed since. */
  @GetMapping("/{job}/spec")
  TrainedModel spec(@PathVariable String job) {
    Task task = jobs.find(job).task();
    return new TrainedModel(task.model(), task.spec());
  }

  /** Differs when the answer differs; names in the code don't change it. */
  private EntityTag tag(Job job, JobView answer) {
    return EntityTag.of(mapper.writeValueAsString(answer), job.stopRequested());
  }

  private Precondition<Job> matching(@Nullable String ifMatch) {
    return EntityTag.matching(ifMatch, job -> tag(job, view(job)));
  }

  /** Changes the description, the tags, and whether lists leave it out. */
  @PatchMapping("/{job}")
  ResponseEntity<JobView> patch(
      @PathVariable String job,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    Job changed = labels.patch(body, () -> jobs.find(job), matching(ifMatch));
    JobView answer = view(changed);
    return ResponseEntity.ok().eTag(tag(changed, answer).header()).body(answer);
  }

  @DeleteMapping("/{job}")
  ResponseEntity<Void> delete(
      @PathVariable String job,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    jobs.delete(job, matching(ifMatch));
    return ResponseEntity.noContent().build();
  }

  @GetMapping(path = "/{job}/metrics", produces = MediaType.APPLICATION_JSON_VALUE)
  void metrics(
      @PathVariable String job,
      @RequestParam(required = false) @Nullable Integer points,
      @RequestParam(required = false) @Nullable Integer from,
      @RequestParam(required = false) @Nullable Integer to,
      @RequestParam(required = false) @Nullable String metric,
      HttpServletResponse response)
      throws IOException {
    EpochRange range = EpochRange.of(jobs.find(job), points, from, to, metric);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    // Not closed where the epochs cannot be read: that would end the list as if it were whole.
    JsonGenerator json = mapper.createGenerator(response.getOutputStream());
    json.writeStartObject();
    json.writeName("epochs");
    json.writeStartArray();
    int written =
        range.read(
            reader -> jobs.epochs(job, reader), epoch -> mapper.writeTree(json, epoch.toJson()));
    json.writeEndArray();
    json.writeName("of");
    json.writeNumber(range.count());
    json.writeName("thinned");
    json.writeBoolean(written < range.count());
    json.writeEndObject();
    json.close();
  }

  @GetMapping(path = "/{job}/metrics", produces = MetricsCsv.MEDIA_TYPE)
  void metricsAsCsv(
      @PathVariable String job,
      @RequestParam(required = false) @Nullable Integer points,
      @RequestParam(required = false) @Nullable Integer from,
      @RequestParam(required = false) @Nullable Integer to,
      @RequestParam(required = false) @Nullable String metric,
      HttpServletResponse response)
      throws IOException {
    EpochRange range = EpochRange.of(jobs.find(job), points, from, to, metric);
    MetricsCsv csv = new MetricsCsv();
    int _ = range.read(reader -> jobs.epochs(job, reader), csv::addColumns);
    response.setContentType(MetricsCsv.MEDIA_TYPE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    // Not the response's own writer, which sees no reader that is too slow.
    PrintWriter writer =
        new PrintWriter(new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8));
    csv.writeHead(writer);
    // An epoch that ended since has no other columns.
    int _ = range.read(reader -> jobs.epochs(job, reader), epoch -> csv.write(epoch, writer));
    writer.flush();
  }

  @TakesIdempotencyKey(creates = {})
  @PostMapping("/{job}/cancel")
  ResponseEntity<JobView> cancel(
      @PathVariable String job,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    return answer(jobs.cancel(job, matching(ifMatch)));
  }

  @TakesIdempotencyKey(creates = {})
  @PostMapping("/{job}/stop")
  ResponseEntity<JobView> stop(
      @PathVariable String job,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    return answer(jobs.stop(job, matching(ifMatch)));
  }

  /** Submits the request of an ended job again, with changes. */
  @TakesIdempotencyKey(creates = {Created.Kind.JOB, Created.Kind.SWEEP})
  @PostMapping("/{job}/retry")
  ResponseEntity<JobView> retry(
      @PathVariable String job, @RequestBody(required = false) @Nullable JsonNode body) {
    Job submitted = retries.retry(job, body);
    String place = submitted.task() instanceof Task.Sweep ? "/v1/sweeps/" : "/v1/jobs/";
    return ResponseEntity.accepted()
        .location(URI.create(place + submitted.id()))
        .body(view(submitted));
  }

  private ResponseEntity<JobView> answer(JobService.Ended ended) {
    Change.note(null, Map.of("state", ended.job().state().name().word()));
    return (ended.changed() ? ResponseEntity.accepted() : ResponseEntity.ok())
        .body(view(ended.job()));
  }

  private JobView view(Job job) {
    boolean releasing = jobs.releasing(List.of(job)).contains(job.id());
    int position = jobs.queuePosition(job);
    Map<String, String> reasons = waitReasons.of(List.of(job), Map.of(job.id(), position));
    return JobView.of(job, position, releasing, reasons.get(job.id()));
  }

  record TrainedModel(String model, JsonNode spec) {}

  record JobList(List<JobView> jobs, String nextPageToken) {}
}
