package io.trainyard.api.job;

import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.idempotency.Created;
import io.trainyard.job.Job;
import io.trainyard.job.JobFilter;
import io.trainyard.job.JobService;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.model.Precondition;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Submits, shows, cancels and deletes sweeps. */
@RestController
@RequestMapping("/v1/sweeps")
record SweepController(
    SweepService sweeps,
    JobService jobs,
    JobWaits waits,
    JsonMapper mapper,
    HttpProperties properties) {
  @TakesIdempotencyKey(creates = Created.Kind.SWEEP)
  @PostMapping
  ResponseEntity<SweepView> submit(@RequestBody JsonNode body) {
    SweepService.Sweep sweep = sweeps.submit(body);
    return ResponseEntity.accepted()
        .location(URI.create("/v1/sweeps/" + sweep.job().id()))
        .body(view(sweep));
  }

  @GetMapping
  SweepList list(
      @RequestParam(required = false) @Nullable String model,
      @RequestParam(required = false) @Nullable String state,
      Page page) {
    JobFilter filter = JobController.sweeps(model, state, page);
    Page.Slice<SweepService.Sweep> found =
        page.fill(
            part -> sweeps.list(filter.before(part.after()), part.limit()),
            sweep -> sweep.job().id(),
            SweepView::bytes,
            properties.maxPage().toBytes());
    Map<String, Integer> positions =
        jobs.queuePositions(found.items().stream().map(SweepService.Sweep::job).toList());
    return new SweepList(
        found.map(sweep -> SweepView.of(sweep, positions.getOrDefault(sweep.job().id(), 0))),
        found.nextPageToken());
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

  private ResponseEntity<SweepView> answer(JobService.Ended ended) {
    return (ended.changed() ? ResponseEntity.accepted() : ResponseEntity.ok())
        .body(view(sweeps.find(ended.job().id())));
  }

  private SweepView view(SweepService.Sweep sweep) {
    return SweepView.of(sweep, jobs.queuePosition(sweep.job()));
  }

  record SweepList(List<SweepView> sweeps, String nextPageToken) {}
}
