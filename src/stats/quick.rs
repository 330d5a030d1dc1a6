#[derive(Clone,Copy)] pub enum QuantileType{Type7}
pub fn quantile(v:&[f64],p:f64,_t:QuantileType)->Result<f64,crate::stats::StatsError>{ let mut v=v.to_vec(); v.sort_by(f64::total_cmp); if v.is_empty(){return Err(crate::stats::StatsError::Empty{what:"values"});} let h=(v.len()-1) as f64*p; let i=h.floor() as usize; let j=(i+1).min(v.len()-1); Ok(v[i]+(h-i as f64)*(v[j]-v[i])) }
