package io.trainyard;

import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Logs why the process cannot start in one line, where the operator can do something about it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class StartFailureReporter implements SpringBootExceptionReporter {
  @Override
  public boolean reportException(Throwable failure) {
    Optional<String> sentence = StartSentence.of(failure);
    sentence.ifPresent(LoggerFactory.getLogger(TrainyardApplication.class)::error);
    return sentence.isPresent();
  }
}
