package io.trainyard.bench;

import io.trainyard.TrainyardApplication;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.context.TestComponent;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The service with a route that returns its request body: the time of the server alone, to compare
 * predictions with. Run by {@code src/bench/run}.
 */
@TestComponent
@RestController
public class EchoService {
  /** Starts the service with the arguments of the jar. */
  public static void main(String[] args) {
    new SpringApplication(TrainyardApplication.class, EchoService.class).run(args);
  }

  @PostMapping("/bench/echo")
  ResponseEntity<byte[]> echo(HttpServletRequest request) throws IOException {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .body(request.getInputStream().readAllBytes());
  }
}
