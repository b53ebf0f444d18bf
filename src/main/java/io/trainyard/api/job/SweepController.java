package io.trainyard.api.job;

import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobService;
import io.trainyard.job.Task;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.label.Placed;
import io.trainyard.model.Precondition;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Submits, shows, cancels and deletes sweeps. */
@RestController
@RequestMapping("/v1/sweeps")
record SweepController(
    SweepService sweeps,
    JobService jobs,
    JobLabels labels,
    JobRetries retries,
    WaitReasons waitReasons,
    JobWaits waits,
    JsonMapper mapper,
    HttpProperties properties) {
  @TakesIdempotencyKey(creates = Created.Kind.SWEEP)
  @PostMapping
  ResponseEntity<SweepView> submit(@RequestBody JsonNode body) {
    return accepted(sweeps.submit(body));
  }

  @GetMapping
  SweepList list(JobQuery query) {
    if (query.filter().kind() != null && !Task.Sweep.KIND.equals(query.filter().kind())) {
      return new SweepList(List.of(), "");
    }
    JobFilter filter = query.filter().kind(Task.Sweep.KIND);
    Page.Slice<Placed<SweepService.Sweep>> slice =
        query
            .page()
            .fill(
                part -> sweeps.page(filter.before(part.after()), part.limit()),
                Placed::cursor,
                placed -> SweepView.bytes(placed.item()),
                properties.maxPage().toBytes());
    List<SweepService.Sweep> found = slice.map(Placed::item);
    List<Job> own = found.stream().map(SweepService.Sweep::job).toList();
    Map<String, Integer> positions = jobs.queuePositions(own);
    Map<String, String> reasons = waitReasons.of(own, positions);
    return new SweepList(
        found.stream()
            .map(
                sweep ->
                    SweepView.of(
                        sweep,
                        positions.getOrDefault(sweep.job().id(), 0),
                        reasons.get(sweep.job().id())))
            .toList(),
        slice.nextPageToken());
  }

  /**
   * Shows a sweep.
   *
   * @param wait answers when the sweep has ended, or after this many seconds
   */
  @GetMapping("/{sweep}")
  ResponseEntity<SweepView> read(
      @PathVariable String sweep, @RequestParam(required = false) @Nullable Integer wait) {
    if (wait != null) {
      waits.await(sweeps.find(sweep).job().id(), wait);
    }
    SweepService.Sweep found = sweeps.find(sweep);
    SweepView answer = view(found);
    return ResponseEntity.ok().eTag(tag(found.job(), answer).header()).body(answer);
  }

  private EntityTag tag(Job job, SweepView answer) {
    return EntityTag.of(mapper.writeValueAsString(answer), job.stopRequested());
  }

  private Precondition<Job> matching(@Nullable String ifMatch) {
    return EntityTag.matching(ifMatch, job -> tag(job, view(sweeps.find(job.id()))));
  }

  /** Changes the description, the tags, and whether lists leave it out. */
  @PatchMapping("/{sweep}")
  ResponseEntity<SweepView> patch(
      @PathVariable String sweep,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    Job changed = labels.patch(body, () -> sweeps.find(sweep).job(), matching(ifMatch));
    SweepView answer = view(sweeps.find(sweep));
    return ResponseEntity.ok().eTag(tag(changed, answer).header()).body(answer);
  }

  @DeleteMapping("/{sweep}")
  ResponseEntity<Void> delete(
      @PathVariable String sweep,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    sweeps.delete(sweep, matching(ifMatch));
    return ResponseEntity.noContent().build();
  }

  @TakesIdempotencyKey(creates = {})
  @PostMapping("/{sweep}/cancel")
  ResponseEntity<SweepView> cancel(
      @PathVariable String sweep,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    return answer(sweeps.cancel(sweep, matching(ifMatch)));
  }

  @TakesIdempotencyKey(creates = {})
  @PostMapping("/{sweep}/stop")
  ResponseEntity<SweepView> stop(
      @PathVariable String sweep,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    return answer(sweeps.stop(sweep, matching(ifMatch)));
  }

  /** Submits the request of an ended sweep again, with changes. */
  @TakesIdempotencyKey(creates = Created.Kind.SWEEP)
  @PostMapping("/{sweep}/retry")
  ResponseEntity<SweepView> retry(
      @PathVariable String sweep, @RequestBody(required = false) @Nullable JsonNode body) {
    return accepted(sweeps.find(retries.retry(sweeps.find(sweep).job().id(), body).id()));
  }

  private ResponseEntity<SweepView> accepted(SweepService.Sweep submitted) {
    return ResponseEntity.accepted()
        .location(URI.create("/v1/sweeps/" + submitted.job().id()))
        .body(view(submitted));
  }

  private ResponseEntity<SweepView> answer(JobService.Ended ended) {
    return (ended.changed() ? ResponseEntity.accepted() : ResponseEntity.ok())
        .body(view(sweeps.find(ended.job().id())));
  }

  private SweepView view(SweepService.Sweep sweep) {
    Job job = sweep.job();
    int position = jobs.queuePosition(job);
    Map<String, String> reasons = waitReasons.of(List.of(job), Map.of(job.id(), position));
    return SweepView.of(sweep, position, reasons.get(job.id()));
  }

  record SweepList(List<SweepView> sweeps, String nextPageToken) {}
}
