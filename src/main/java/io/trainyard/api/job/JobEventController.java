package io.trainyard.api.job;

import io.trainyard.api.RequestPlace;
import io.trainyard.error.ServiceException;
import io.trainyard.job.Job;
import io.trainyard.job.JobService;
import io.trainyard.job.event.EventBatch;
import io.trainyard.job.event.JobEvent;
import io.trainyard.job.event.JobEvents;
import io.trainyard.job.sweep.SweepService;
import io.trainyard.train.Progress;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The events of a job as server-sent events. Each stream has its own virtual thread. */
@RestController
record JobEventController(
    JobService jobs, SweepService sweeps, JobEvents events, JsonMapper mapper) {
  private static final Duration KEEP_ALIVE_EVERY = Duration.ofSeconds(15);
  private static final byte[] KEEP_ALIVE = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

  /** The events of a sweep, which are those of its job. */
  @GetMapping(path = "/v1/sweeps/{sweep}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void eventsOfSweep(
      @PathVariable String sweep,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpServletResponse response)
      throws IOException {
    String id = sweeps.find(sweep).job().id();
    // Not in the bytes that streams share: those end with the sweep as a job.
    follow(
        id,
        lastEventId,
        response,
        batch -> encoded(id, batch.events(), ended -> SweepView.of(sweeps.find(ended.id()))));
  }

  /** The events of several jobs on one stream; the id of each says where the reader is in all. */
  @GetMapping(path = "/v1/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void eventsOfJobs(
      @RequestParam String jobs,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpServletResponse response)
      throws IOException {
    EventPositions positions = EventPositions.of(jobs, lastEventId);
    Map<Job, Integer> after = new LinkedHashMap<>();
    for (String id : positions.jobs()) {
      // The number first, as for one job.
      int last = events.last(id);
      Job found = this.jobs.find(id);
      if (found.state().done()) {
        last = events.last(id);
      }
      int own = Math.min(positions.of(id), last);
      positions.put(id, own);
      if (own == 0 || own < last || !found.state().done()) {
        after.put(found, own);
      }
    }
    if (after.isEmpty()) {
      response.setStatus(HttpStatus.NO_CONTENT.value());
      return;
    }
    try (JobEvents.Streams streams = events.open(after)) {
      begin(response);
      send(streams, positions, response.getOutputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(JobEvents.Streams streams, EventPositions positions, OutputStream out)
      throws IOException, InterruptedException {
    while (true) {
      byte[] bytes;
      try {
        JobEvents.Streams.Next next = streams.next(KEEP_ALIVE_EVERY);
        if (next == null && streams.ended()) {
          return;
        }
        bytes = next == null ? KEEP_ALIVE : encoded(next, positions);
      } catch (ServiceException e) {
        return; // the client connects again, and is told why it may not
      }
      streams.pace(bytes.length);
      out.write(bytes);
      out.flush();
    }
  }

  private byte[] encoded(JobEvents.Streams.Next next, EventPositions positions) {
    String job = next.job().id();
    StringBuilder text = new StringBuilder();
    for (JobEvent event : next.batch().events()) {
      positions.put(job, event.id());
      if (event instanceof JobEvent.Unreadable) {
        continue;
      }
      ObjectNode data = mapper.createObjectNode().put("job", job);
      data.setAll((ObjectNode) mapper.readTree(data(job, event, JobEventController::view)));
      text.append("id: ").append(positions).append('\n');
      text.append("event: ").append(JobJson.type(event)).append('\n');
      text.append("data: ").append(data).append("\n\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @GetMapping(path = "/v1/jobs/{job}/events", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
  void events(
      @PathVariable String job,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId,
      HttpServletResponse response)
      throws IOException {
    follow(
        job,
        lastEventId,
        response,
        batch -> batch.bytes(events -> encoded(job, events, JobEventController::view)));
  }

  /**
   * Sends the events of a job.
   *
   * @param encoding of some of them; the last one has the job as the path before it answers
   */
  private void follow(
      String job,
      @Nullable String lastEventId,
      HttpServletResponse response,
      Function<EventBatch, byte[]> encoding)
      throws IOException {
    int after = after(lastEventId);
    // The number first: a job that has not ended after that will have more events.
    int last = events.last(job);
    Job found = jobs.find(job);
    if (found.state().done()) {
      last = events.last(job);
      if (after > 0 && after >= last) {
        // No event will follow. A browser reconnects for ever unless it gets this status.
        response.setStatus(HttpStatus.NO_CONTENT.value());
        return;
      }
    }
    // An id that no event has yet, of another job perhaps, means all that comes from now on.
    try (JobEvents.Stream stream = events.open(found, Math.min(after, last))) {
      begin(response);
      send(stream, response.getOutputStream(), encoding);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void begin(HttpServletResponse response) throws IOException {
    RequestPlace.giveBack();
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setHeader("Cache-Control", "no-store");
    // Otherwise a buffering proxy delays events.
    response.setHeader("X-Accel-Buffering", "no");
    response.flushBuffer();
  }

  private static int after(@Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isBlank()) {
      return 0;
    }
    try {
      int after = Integer.parseInt(lastEventId.strip());
      if (after >= 0) {
        return after;
      }
    } catch (NumberFormatException e) {
      // answered below
    }
    throw ServiceException.parameter(
        "Last-Event-ID must be the id of an event, a whole number, was '" + lastEventId + "'");
  }

  private void send(
      JobEvents.Stream stream, OutputStream out, Function<EventBatch, byte[]> encoding)
      throws IOException, InterruptedException {
    while (true) {
      EventBatch next;
      byte[] bytes;
      try {
        next = stream.next(KEEP_ALIVE_EVERY);
        if (next.isEmpty() && stream.ended()) {
          return;
        }
        Progress progress = next.progress();
        bytes =
            progress != null
                ? encoded(progress)
                : next.isEmpty() ? KEEP_ALIVE : encoding.apply(next);
      } catch (ServiceException e) {
        return; // the client connects again, and is told why it may not
      }
      stream.pace(bytes.length);
      out.write(bytes);
      out.flush();
      if (next.endsJob()) {
        return;
      }
    }
  }

  /** Without an id: a caller that resumes the stream gets the events, and newer progress. */
  private static byte[] encoded(Progress progress) {
    return ("event: progress\ndata: " + progress.toJson() + "\n\n")
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] encoded(String job, List<JobEvent> events, Function<Job, Object> view) {
    StringBuilder text = new StringBuilder();
    for (JobEvent event : events) {
      if (event instanceof JobEvent.Unreadable) {
        continue;
      }
      text.append("id: ").append(event.id()).append('\n');
      text.append("event: ").append(JobJson.type(event)).append('\n');
      text.append("data: ").append(data(job, event, view)).append("\n\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static Object view(Job job) {
    return JobView.of(job, 0);
  }

  private String data(String job, JobEvent event, Function<Job, Object> view) {
    return switch (event) {
      case JobEvent.StateChanged changed -> JobJson.of(changed).toString();
      case JobEvent.EpochEnded ended -> JobJson.of(ended).toString();
      case JobEvent.Logged logged -> JobJson.of(logged).toString();
      case JobEvent.Done _ -> mapper.writeValueAsString(view.apply(jobs.find(job)));
      case JobEvent.Unreadable _ -> throw new IllegalArgumentException("no caller gets " + event);
    };
  }
}
