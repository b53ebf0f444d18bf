package io.trainyard.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class IdentityTest {
  private static Identity again(ErrorCode refusal) {
    return Identity.service()
        .call(
            () -> {
              throw new ServiceException(refusal, "refused");
            },
            Identity::again);
  }

  @ParameterizedTest
  @EnumSource(names = {"UNAUTHENTICATED", "FORBIDDEN", "MODEL_NOT_FOUND"})
  void callerWhoIsRefusedMayNotGoOn(ErrorCode refusal) {
    assertThatThrownBy(() -> again(refusal))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.code()).isEqualTo(refusal));
  }

  @Test
  void callerGoesOnWhileNobodyCanTell() {
    assertThat(again(ErrorCode.UNAVAILABLE)).isEqualTo(Identity.service());
  }

  @Test
  void theServiceHasNoScopesAndItsWarmUpOnlyPredicts() {
    assertThat(Identity.service().scopes()).isEmpty();
    assertThat(Identity.service().permitsModel("any")).isTrue();
    assertThat(Identity.service().permitsDataset("any")).isTrue();
    assertThat(Identity.practice().scopes()).containsExactly(Scope.PREDICT);
    assertThat(Identity.practice().permitsModel("any")).isTrue();
    assertThat(Identity.practice().permitsDataset("any")).isFalse();
  }

  private static Identity key(Set<Scope> scopes, int maxPriority) {
    return new Identity(
        "key-1",
        "shop",
        scopes,
        Binding.of(List.of("iris")),
        Binding.of(List.of("flowers")),
        Limits.NONE,
        maxPriority);
  }

  private static void refuses(ThrowingCallable action, String... why) {
    assertThatThrownBy(action)
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.FORBIDDEN);
              assertThat(e.detail()).contains(why);
            });
  }

  @Test
  void callerMayUseOnlyWhatItIsBoundTo() {
    Identity shop = key(Set.of(Scope.READ), 0);
    shop.requireModel("iris");
    shop.requireDataset("flowers");
    refuses(() -> shop.requireModel("flowers"), "'shop' is bound to the models iris");
    refuses(() -> shop.requireDataset("iris"), "'shop' is bound to the datasets flowers");
  }

  @Test
  void jobMayHaveThePriorityOfItsCallerButNotMore() {
    Identity shop = key(Set.of(Scope.READ), 5);
    shop.requirePriority(5);
    shop.requirePriority(-1);
    refuses(() -> shop.requirePriority(6), "The priority 6 is more than the 5 that 'shop' may");
  }

  @Test
  void refusalNamesTheScopesThatTheCallerHas() {
    Set<Scope> any = Set.of(Scope.PREDICT);
    refuses(
        () -> key(Set.of(Scope.READ), 0).require(any, "A prediction"),
        "A prediction needs the scope predict; 'shop' has read.");
    refuses(() -> key(Set.of(), 0).require(any, "A prediction"), "'shop' has none.");
    key(Set.of(Scope.PREDICT), 0).require(any, "A prediction");
  }

  /** A key is the same caller wherever it comes from. */
  @Test
  void onlyCallersWithoutAKeyAreToldApartByTheirAddress() {
    assertThat(Identity.nobody().from("203.0.113.9").counted()).isEqualTo("@203.0.113.9");
    assertThat(key(Set.of(), 0).from("203.0.113.9")).isEqualTo(key(Set.of(), 0));
    assertThat(key(Set.of(), 0).from("203.0.113.9").counted()).isEqualTo("key-1");
  }

  @Test
  void taskOnAnotherThreadIsThatOfItsCaller() throws InterruptedException {
    Identity shop = key(Set.of(Scope.READ), 0);
    AtomicReference<Identity> seen = new AtomicReference<>();
    Thread.ofPlatform().start(shop.doing(() -> seen.set(Identity.current()))).join();
    assertThat(seen.get()).isEqualTo(shop);
  }
}
