package io.trainyard.api.edge;

import io.trainyard.api.RequestFilter;
import io.trainyard.job.process.Roles;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Before a process ends, it says that it is not ready, and goes on answering until load balancers
 * have noticed. Each answer closes its connection, so that the caller's next one goes elsewhere.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
public final class Drain implements RequestFilter {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  private final ApplicationContext context;
  private final Duration time;
  private volatile boolean draining;

  Drain(ApplicationContext context, DrainProperties properties, Roles roles) {
    this.context = context;
    this.time = roles.api() ? properties.drain() : Duration.ZERO;
  }

  /** Runs before anything else ends. */
  @EventListener
  @Order(Ordered.HIGHEST_PRECEDENCE)
  public void closed(ContextClosedEvent event) throws InterruptedException {
    if (!event.getApplicationContext().equals(context) || draining) {
      return;
    }
    draining = true;
    AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
    if (time.isPositive()) {
      log.info("Not ready from now on; requests are answered for another {} s", time.toSeconds());
      Thread.sleep(time);
    }
  }

  @Override
  public void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (draining) {
      response.setHeader("Connection", "close");
    }
    chain.doFilter(request, response);
  }
}
