"""What people put around PyTorch: FastAPI and uvicorn with the iris net of 4-16-3. Usage: fast.py PORT

Needs an interpreter with fastapi, uvicorn and torch (Debian: python3-fastapi, python3-uvicorn, python3-torch).
"""
import sys

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

torch.set_num_threads(1)
net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3), torch.nn.Softmax(dim=1))
LABELS = ["setosa", "versicolor", "virginica"]


class Row(BaseModel):
    sepal_length: float
    sepal_width: float
    petal_length: float
    petal_width: float


class Rows(BaseModel):
    instances: list[Row]


app = FastAPI()


@app.post("/predict")
async def predict(rows: Rows):
    with torch.inference_mode():
        x = torch.tensor([[r.sepal_length, r.sepal_width, r.petal_length, r.petal_width] for r in rows.instances])
        shares = net(x).tolist()
    return {"predictions": [{"species": LABELS[max(range(3), key=row.__getitem__)],
                             "probabilities": dict(zip(LABELS, row))} for row in shares]}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
