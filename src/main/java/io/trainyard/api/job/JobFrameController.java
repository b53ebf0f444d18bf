package io.trainyard.api.job;

import io.trainyard.job.JobService;
import io.trainyard.job.frame.Frame;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a network answered over two columns while it learned. */
@RestController
@RequestMapping("/v1/jobs/{job}/frames")
record JobFrameController(JobService jobs, JsonMapper mapper) {
  @GetMapping(produces = MediaType.APPLICATION_JSON_VALUE)
  void frames(
      @PathVariable String job,
      @RequestParam(required = false) @Nullable Integer from,
      @RequestParam(required = false) @Nullable Integer to,
      HttpServletResponse response)
      throws IOException {
    EpochRange.requireOrder(from, to);
    JsonNode head = jobs.frameHead(job).map(Frame::json).map(mapper::readTree).orElse(null);
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    // Not closed where frames cannot be read: that would end the list as if it were whole.
    JsonGenerator json = mapper.createGenerator(response.getOutputStream());
    json.writeStartObject();
    for (String member : List.of("x", "y", "meaning")) {
      json.writeName(member);
      mapper.writeTree(json, head == null ? mapper.nullNode() : head.path(member));
    }
    json.writeName("classes");
    mapper.writeTree(json, head == null ? mapper.createArrayNode() : head.path("classes"));
    json.writeName("frames");
    json.writeStartArray();
    jobs.frames(
        job,
        from == null ? 1 : from,
        to == null ? Integer.MAX_VALUE : to,
        frame -> json.writeRawValue(frame.json()));
    json.writeEndArray();
    json.writeEndObject();
    json.close();
  }
}
