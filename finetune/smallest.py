"""The smallest training there is: one weight, whose every number can be checked by hand."""


def smallest_example(rate: float, steps: int = 3) -> list[dict[str, float]]:
    """One weight, prediction = 2 · weight, target 4, error squared, from weight 0: each step with its numbers.

    The gradient of (2w - 4)² is 4 · (2w - 4); a rate below 1/4 goes down into the valley at w = 2, one above jumps out.
    """
    weight, rows = 0.0, []
    for step in range(1, steps + 1):
        error = 2 * weight - 4
        gradient = 4 * error
        after = weight - rate * gradient
        rows.append({
            "step": step, "weight": weight, "prediction": 2 * weight, "loss": error**2, "gradient": gradient,
            "new weight": after, "new loss": (2 * after - 4) ** 2,
        })  # fmt: skip
        weight = after
    return rows
