package io.trainyard.api.operations;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The runbooks that alerts name in their {@code runbook_url}, as Markdown. */
@RestController
class RunbookController {
  private static final MediaType MARKDOWN =
      new MediaType("text", "markdown", StandardCharsets.UTF_8);

  private static final Pattern NAME = Pattern.compile("[a-z0-9-]{1,64}");

  @GetMapping("/docs/runbooks/{name}")
  ResponseEntity<byte[]> runbook(@PathVariable String name) throws IOException {
    if (NAME.matcher(name).matches()) {
      try (InputStream in = getClass().getResourceAsStream("/docs/runbooks/" + name + ".md")) {
        if (in != null) {
          return ResponseEntity.ok().contentType(MARKDOWN).body(in.readAllBytes());
        }
      }
    }
    throw new ServiceException(ErrorCode.ROUTE_NOT_FOUND, "There is no runbook '" + name + "'");
  }
}
