package io.trainyard.api.job;

import io.trainyard.access.Change;
import io.trainyard.access.Names;
import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobService;
import io.trainyard.job.JobState;
import io.trainyard.model.Precondition;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
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
class JobController {
  private static final Pattern MODEL = Pattern.compile(Names.FORM);
  private static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final JobService jobs;
  private final JobWaits waits;
  private final JsonMapper mapper;
  private final long maxPage;

  JobController(JobService jobs, JobWaits waits, JsonMapper mapper, HttpProperties properties) {
    this.jobs = jobs;
    this.waits = waits;
    this.maxPage = properties.maxPage().toBytes();
    this.mapper = mapper;
  }

  @TakesIdempotencyKey(creates = Created.Kind.JOB)
  @PostMapping
  ResponseEntity<JobView> submit(@RequestBody JsonNode body) {
    Job job = jobs.submit(body);
    return ResponseEntity.accepted().location(URI.create("/v1/jobs/" + job.id())).body(view(job));
  }

  @GetMapping
  JobList list(
      @RequestParam(required = false) @Nullable String model,
      @RequestParam(required = false) @Nullable String state,
      @RequestParam(required = false) @Nullable String sweep,
      @RequestParam(name = "page_size", required = false) @Nullable Integer pageSize,
      @RequestParam(name = "page_token", required = false) @Nullable String pageToken) {
    Page page = Page.of(pageSize, pageToken);
    JobFilter filter = filter(model, state, sweep, page, false);
    Page.Slice<Job> found =
        page.fill(
            part -> jobs.list(filter.before(part.after()), part.limit()),
            Job::id,
            JobView::bytes,
            maxPage);
    Map<String, Integer> positions = jobs.queuePositions(found.items());
    Set<String> releasing = jobs.releasing(found.items());
    return new JobList(
        found.map(
            job ->
                JobView.of(
                    job,
                    positions.getOrDefault(job.id(), 0),
                    releasing.contains(job.id()),
                    jobs.waitsFor(job))),
        found.nextPageToken());
  }

  /** The jobs, or the sweeps, that a list shows. */
  static JobFilter filter(
      @Nullable String model,
      @Nullable String state,
      @Nullable String sweep,
      Page page,
      boolean sweeps) {
    requireForm("model", MODEL, model);
    requireForm("sweep", ID, sweep);
    return new JobFilter(
        model, state == null ? null : state(state), sweep, page.afterText(ID), sweeps);
  }

  private static void requireForm(String parameter, Pattern form, @Nullable String text) {
    if (text != null && !form.matcher(text).matches()) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          parameter + " must match " + form.pattern() + ", was '" + text + "'");
    }
  }

  private static JobState.Name state(String word) {
    return Arrays.stream(JobState.Name.values())
        .filter(name -> name.word().equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.INVALID_PARAMETER,
                    "state must be one of queued, running, succeeded, failed, cancelled, was '"
                        + word
                        + "'"));
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

  /** Differs when the answer differs; names in the code don't change it. */
  private EntityTag tag(Job job, JobView answer) {
    return EntityTag.of(mapper.writeValueAsString(answer), job.stopRequested());
  }

  private Precondition<Job> matching(@Nullable String ifMatch) {
    return EntityTag.matching(ifMatch, job -> tag(job, view(job)));
  }

  @DeleteMapping("/{job}")
  ResponseEntity<Void> delete(
      @PathVariable String job,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    jobs.delete(job, matching(ifMatch));
    return ResponseEntity.noContent().build();
  }

  @GetMapping(path = "/{job}/metrics", produces = MediaType.APPLICATION_JSON_VALUE)
  void metrics(@PathVariable String job, HttpServletResponse response) throws IOException {
    jobs.find(job);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    // Not closed where the epochs cannot be read: that would end the list as if it were whole.
    JsonGenerator json = mapper.createGenerator(response.getOutputStream());
    json.writeStartObject();
    json.writeName("epochs");
    json.writeStartArray();
    jobs.epochs(job, epoch -> mapper.writeTree(json, JobJson.of(epoch)));
    json.writeEndArray();
    json.writeEndObject();
    json.close();
  }

  @GetMapping(path = "/{job}/metrics", produces = MetricsCsv.MEDIA_TYPE)
  void metricsAsCsv(@PathVariable String job, HttpServletResponse response) throws IOException {
    MetricsCsv csv = new MetricsCsv();
    jobs.epochs(job, csv::addColumns);
    response.setContentType(MetricsCsv.MEDIA_TYPE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    PrintWriter writer = response.getWriter();
    csv.writeHead(writer);
    // An epoch that ended since has no other columns.
    jobs.epochs(job, epoch -> csv.write(epoch, writer));
  }

  /** What the published weights do on the test rows, or on others when there are none. */
  @GetMapping(path = "/{job}/evaluation", produces = MediaType.APPLICATION_JSON_VALUE)
  String evaluation(@PathVariable String job) {
    return jobs.evaluation(job);
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

  private ResponseEntity<JobView> answer(JobService.Ended ended) {
    Change.note(null, Map.of("state", ended.job().state().name().word()));
    return (ended.changed() ? ResponseEntity.accepted() : ResponseEntity.ok())
        .body(view(ended.job()));
  }

  private JobView view(Job job) {
    boolean releasing = jobs.releasing(List.of(job)).contains(job.id());
    return JobView.of(job, jobs.queuePosition(job), releasing, jobs.waitsFor(job));
  }

  record JobList(List<JobView> jobs, String nextPageToken) {}
}
